using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>How fast clients get in: TCP, WebSocket upgrade, Engine.IO open, namespace joined. They stay until the end.</summary>
internal sealed class ConnectScenario(LoadOptions options) : IScenario
{
    private const int WarmupConnects = 1000;

    public string Name => "connect";

    public int Connections => Math.Max(options.Connects, WarmupConnects);

    public async Task<ScenarioResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await IdleFleet.WarmUpAsync(server, WarmupConnects, options, cancellationToken);
        using var fleet = IdleFleet.Create(server, options.Connects, options);
        var start = Clock.Now;
        var cpu = server.CpuSeconds;
        await fleet.ConnectAsync(cancellationToken);
        var seconds = (Clock.Now - start) / 1e9;
        cpu = server.CpuSeconds - cpu;

        // Keeping a histogram read out of a running loop's hands: it ends first.
        fleet.Dispose();
        var times = fleet.ConnectTimes;
        return new ScenarioResult(
            [
                new("rate", "connects/s", options.Connects / seconds),
                new("server CPU per 1000", "s", cpu / options.Connects * 1e3),
                new("connect time p50", "ms", times.Percentile(0.50)),
                new("connect time p95", "ms", times.Percentile(0.95)),
                new("connect time p99", "ms", times.Percentile(0.99)),
                new("connect time max", "ms", times.Max),
            ],
            []);
    }
}
