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
    /// <summary>How long main may be away before what was begun for it is dropped.</summary>
    private static readonly TimeSpan MainPatience = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = options.LoggerFactory.CreateLogger("Starling.Apps.Cache");

    /// <summary>Serves until it shall stop.</summary>
    /// <param name="context">Where handlers begin; null for any thread.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="IOException">Main is not there, and the service does not wait for it.</exception>
    public async Task RunAsync(SynchronizationContext? context, CancellationToken stopping)
    {
        await using var member = Create();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(member, context, stopping);
            }
            catch (Exception e) when (options.WaitsForMain && !stopping.IsCancellationRequested && e is IOException or RpcException or TimeoutException)
            {
                CacheLog.MainAway(_logger, options.Address, e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), options.TimeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Member Create()
    {
        var key = LinkAddress.Parse(options.Address).Scheme == LinkScheme.Tcp ? options.Key : null;
        return options.Role == Roles.Fetch
            ? new FetchMember(options.TimeProvider) { Key = key, Runs = options.Runs }
            : new CacheMember(options.Folder, options.TimeProvider, _logger) { Key = key, Runs = options.Runs };
    }

    private async Task ServeAsync(Member member, SynchronizationContext? context, CancellationToken stopping)
    {
        var services = new RpcServices().Add<IMember>(member);
        _ = member is FetchMember fetch ? services.Add<IFetcher>(fetch) : services.Add<IEntries>((CacheMember)member);
        var settings = new MessagingOptions
        {
            Identity = new PeerIdentity(options.Name, options.Role),
            HandlerContext = context,
            IncludeErrorDetails = true,
            MaxReconnectDelay = TimeSpan.FromSeconds(2),
            CloseTimeout = TimeSpan.FromSeconds(1),
            LoggerFactory = options.LoggerFactory,
            TimeProvider = options.TimeProvider,
        };
        var presence = new Presence();
        await using var client = await RpcClient.ConnectAsync(options.Address, services, settings, stopping);
        client.Connected += _ => presence.Set(true);
        client.Disconnected += _ => presence.Set(false);
        presence.Set(client.Connection is not null);
        await presence.WaitForLossAsync(MainPatience, options.TimeProvider, stopping);
        if (!stopping.IsCancellationRequested)
        {
            throw new IOException($"Main at {options.Address} was away for {MainPatience.TotalSeconds} s.");
        }
    }
}
