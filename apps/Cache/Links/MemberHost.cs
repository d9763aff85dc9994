using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Fetching;
using Starling.Apps.Cache.Storage;
using Starling.Messaging;

namespace Starling.Apps.Cache.Links;

/// <summary>Runs one service, be it in a thread or a process of its own: connects with main, and connects again when main was lost.</summary>
internal sealed class MemberHost(MemberOptions options)
{
    /// <summary>How long main and a service may be silent before they ask each other whether they live, and how long an answer may then take.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    /// <summary>How long a service that main started looks for it.</summary>
    private static readonly TimeSpan MainPatience = TimeSpan.FromSeconds(30);

    /// <summary>How long a service that was started by hand looks for main before it says so.</summary>
    private static readonly TimeSpan Unremarkable = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = options.LoggerFactory.CreateLogger("Starling.Apps.Cache");

    /// <summary>Serves until it shall stop.</summary>
    /// <param name="context">Where handlers begin; null for any thread.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="IOException">Main is not there, and the service does not wait for it.</exception>
    /// <exception cref="RpcException">Main refused the connection, and the service does not wait for another.</exception>
    public async Task RunAsync(SynchronizationContext? context, CancellationToken stopping)
    {
        using var store = new SharedStore(options.Folder, options.TimeProvider, _logger);
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            var began = options.TimeProvider.GetTimestamp();
            var (reason, isRefused) = await ServeAsync(store, context, stopping);
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            // Who is refused time and again must not ask without a pause.
            pause = options.TimeProvider.GetElapsedTime(began) > Steady ? FirstPause : pause;
            if (!isRefused)
            {
                CacheLog.MainAway(_logger, options.Address, reason, pause);
            }
            else if (options.WaitsForMain)
            {
                // The console of others is main's, which says it there.
                CacheLog.RefusedByMain(_logger, options.Address, reason, pause);
            }

            await Task.Delay(pause, options.TimeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Why it ended, and whether because it was not let in.</returns>
    private async Task<(string Reason, bool IsRefused)> ServeAsync(SharedStore store, SynchronizationContext? context, CancellationToken stopping)
    {
        using Member member = options.Role == Roles.Fetch ? new FetchMember(options) : new CacheMember(options, store);
        var services = new RpcServices().Add<IMember>(member);
        _ = member is FetchMember fetch ? services.Add<IFetcher>(fetch) : services.Add<IEntries>((CacheMember)member);
        try
        {
            await using var client = await ConnectAsync(services, context, stopping);
            if (client.Connection is { } connection)
            {
                await Task.WhenAny(connection.Completion, Task.Delay(Timeout.Infinite, stopping));
            }

            return member.Refusal is { } refusal ? (refusal, true) : ("the connection has ended", false);
        }
        catch (Exception e) when (stopping.IsCancellationRequested || (options.WaitsForMain && e is (IOException or RpcException or TimeoutException)))
        {
            return (e.Message, false);
        }
    }

    private async Task<RpcClient> ConnectAsync(RpcServices services, SynchronizationContext? context, CancellationToken stopping)
    {
        // On the way a name of its own for every connection, which no stranger can hold; main learns the service's name with its proof.
        var connecting = RpcClient.ConnectAsync(options.Address, services, new MessagingOptions
        {
            Identity = new PeerIdentity(Handshake.Nonce(), options.Role),
            HandlerContext = context,
            IncludeErrorDetails = true,
            ConnectTimeout = MainPatience,
            Reconnect = false,
            CloseTimeout = TimeSpan.FromSeconds(1),
            HeartbeatInterval = Heartbeat,
            HeartbeatTimeout = Heartbeat,
            LoggerFactory = options.LoggerFactory,
            TimeProvider = options.TimeProvider,
        }, stopping);
        await Task.WhenAny(connecting, Task.Delay(Unremarkable, options.TimeProvider, stopping));
        if (options.WaitsForMain && !connecting.IsCompleted && !stopping.IsCancellationRequested)
        {
            CacheLog.MainNotThere(_logger, options.Address);
        }

        return await connecting;
    }
}
