using Starling.LoadGenerator.EventStreams;
using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>One publisher, many event streams: the server's cost of one delivery, and of one subscriber in memory.</summary>
internal sealed class StreamScenario(LoadOptions options) : IScenario
{
    // A client in the warm-up is enough for the server's code to be compiled when memory is read.
    private const int WarmupClients = 20;

    public string Name => "stream";

    public int Connections => options.Clients + 1;

    public Task<ScenarioResult> RunAsync(ServerProcess server, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using (var few = new StreamFleet(server.Port, options with { Clients = WarmupClients }))
            {
                few.Run(TimeSpan.FromSeconds(1), measure: false, drain: true, cancellationToken);
            }

            Thread.Sleep(TimeSpan.FromSeconds(1));
            var baseResident = ProcessStatistics.ResidentBytes(server.Id);
            using var fleet = new StreamFleet(server.Port, options);
            Thread.Sleep(TimeSpan.FromSeconds(options.Settle));
            var memory = (ProcessStatistics.ResidentBytes(server.Id) - baseResident) / 1024.0 / options.Clients;
            fleet.Run(TimeSpan.FromSeconds(options.Warmup), measure: false, drain: false, cancellationToken);

            var (time, cpu, ownCpu, delivered) = (Clock.Now, server.CpuSeconds, ProcessStatistics.CpuSeconds(Environment.ProcessId), fleet.Delivered);
            fleet.Run(TimeSpan.FromSeconds(options.Seconds), measure: true, drain: false, cancellationToken);
            var wall = (Clock.Now - time) / 1e9;
            (cpu, ownCpu, delivered) = (server.CpuSeconds - cpu, ProcessStatistics.CpuSeconds(Environment.ProcessId) - ownCpu, fleet.Delivered - delivered);
            fleet.Run(TimeSpan.Zero, measure: false, drain: true, cancellationToken);
            return new ScenarioResult(
                [
                    new("rate", "deliveries/s", delivered / wall),
                    new("server CPU per million", "s", cpu / delivered * 1e6),
                    new("server CPU utilisation", "cores", cpu / wall),
                    new("latency p50", "ms", fleet.Latencies.Percentile(0.50)),
                    new("latency p99", "ms", fleet.Latencies.Percentile(0.99)),
                    new("generator CPU per million", "s", ownCpu / delivered * 1e6),
                    new("RSS per subscriber", "KiB", memory),
                ],
                ownCpu > cpu ? [$"The generator used more CPU ({ownCpu:F1} s) than the server ({cpu:F1} s): on shared cores the rate is partly its own."] : []);
        },
        cancellationToken);
}
