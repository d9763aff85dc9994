using Starling.LoadGenerator.Connections;
using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>Makes fleets that only connect and answer pings.</summary>
internal static class IdleFleet
{
    // Long enough for a server to notice that connections are gone.
    private static readonly TimeSpan AfterLeaving = TimeSpan.FromSeconds(2);

    public static ClientFleet<IdleWorkload> Create(ServerProcess server, int clients, LoadOptions options) =>
        new(new RunControl(), server.Port, clients, options.Concurrency, Math.Min(options.Threads, clients), linger: 0, (_, _) => new IdleWorkload());

    /// <summary>Connects some clients, lets them leave, and gives the server time to clean up after them.</summary>
    public static async Task WarmUpAsync(ServerProcess server, int clients, LoadOptions options, CancellationToken cancellationToken)
    {
        using (var fleet = Create(server, clients, options))
        {
            await fleet.ConnectAsync(cancellationToken);
        }

        await Task.Delay(AfterLeaving, cancellationToken);
    }
}
