using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Fetching;
using Starling.Apps.Cache.Storage;
using Starling.Messaging;
using Starling.Messaging.Links;

namespace Starling.Apps.Cache.Links;

/// <summary>Runs one service, be it in a thread or a process of its own: connects with main, and connects again when main was lost.</summary>
internal sealed class MemberHost(MemberOptions options)
{
    /// <summary>How long a service that main started looks for it.</summary>
    private static readonly TimeSpan MainPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = options.LoggerFactory.CreateLogger("Starling.Apps.Cache");

    /// <summary>Serves until it shall stop.</summary>
    /// <param name="context">Where handlers begin; null for any thread.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="IOException">Main is not there, and the service does not wait for it.</exception>
    public async Task RunAsync(SynchronizationContext? context, CancellationToken stopping)
    {
        await using var member = Create();
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            var began = options.TimeProvider.GetTimestamp();
            var reason = await ServeAsync(member, context, stopping);
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            // Who is refused time and again must not ask without a pause.
            pause = options.TimeProvider.GetElapsedTime(began) > Steady ? FirstPause : pause;
            CacheLog.MainAway(_logger, options.Address, member.Refusal ?? reason, pause);
            await Task.Delay(pause, options.TimeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Member Create()
    {
        var key = LinkAddress.Parse(options.Address).Scheme == LinkScheme.Tcp ? options.Key : null;
        return options.Role == Roles.Fetch
            ? new FetchMember(options.TimeProvider) { Key = key, Runs = options.Runs }
            : new CacheMember(options.Folder, options.TimeProvider, _logger) { Key = key, Runs = options.Runs };
    }

    /// <returns>Why it ended.</returns>
    private async Task<string> ServeAsync(Member member, SynchronizationContext? context, CancellationToken stopping)
    {
        var services = new RpcServices().Add<IMember>(member);
        _ = member is FetchMember fetch ? services.Add<IFetcher>(fetch) : services.Add<IEntries>((CacheMember)member);
        var settings = new MessagingOptions
        {
            Identity = new PeerIdentity(options.Name, options.Role),
            HandlerContext = context,
            IncludeErrorDetails = true,
            ConnectTimeout = MainPatience,
            Reconnect = false,
            CloseTimeout = TimeSpan.FromSeconds(1),
            LoggerFactory = options.LoggerFactory,
            TimeProvider = options.TimeProvider,
        };
        try
        {
            await using var client = await RpcClient.ConnectAsync(options.Address, services, settings, stopping);
            if (client.Connection is { } connection)
            {
                await Task.WhenAny(connection.Completion, Task.Delay(Timeout.Infinite, stopping));
            }

            return "the connection has ended";
        }
        catch (Exception e) when (stopping.IsCancellationRequested || (options.WaitsForMain && e is (IOException or RpcException or TimeoutException)))
        {
            return e.Message;
        }
    }
}
