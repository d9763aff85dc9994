using Starling.LoadGenerator.Connections;
using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>The part that the closed-loop scenarios share: connect, warm up, measure, drain.</summary>
internal static class LoadMeasurement
{
    // Above this share of its time a loop has no reserve, and the rate may be its own.
    private const double BusyLoop = 0.9;

    // Below one core nearly used up, the server waited for something: for the generator, or for its turn on a shared machine.
    private const double SaturatedServer = 0.9;

    /// <summary>The clients, each loop's with a workload of its own.</summary>
    public static ClientFleet<TWorkload> CreateFleet<TWorkload>(
        RunControl control, ServerProcess server, LoadOptions options, Func<int, int, TWorkload> createWorkload)
        where TWorkload : Workload =>
        new(control, server.Port, options.Clients, options.Concurrency, options.Threads, options.Linger, createWorkload);

    /// <param name="fleet">The clients; drained and ended when this returns.</param>
    /// <param name="control">The phase they follow.</param>
    /// <param name="server">The server under test.</param>
    /// <param name="options">Times.</param>
    /// <param name="unit">What is counted, in the plural.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task<ScenarioResult> RunAsync<TWorkload>(
        ClientFleet<TWorkload> fleet, RunControl control, ServerProcess server, LoadOptions options, string unit, CancellationToken cancellationToken)
        where TWorkload : Workload
    {
        await fleet.ConnectAsync(cancellationToken);
        control.Phase = RunPhase.Running;
        await fleet.WaitAsync(TimeSpan.FromSeconds(options.Warmup), cancellationToken);

        var before = Take(fleet, server);
        control.Measuring = true;
        await fleet.WaitAsync(TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        var after = Take(fleet, server);
        control.Measuring = false;
        await fleet.DrainAsync(cancellationToken);

        var wall = (after.Time - before.Time) / 1e9;
        var completed = after.Completed - before.Completed;
        if (completed == 0)
        {
            throw new LoadException($"No {unit} in {wall:F1} s.");
        }

        var serverCpu = after.ServerCpu - before.ServerCpu;
        var ownCpu = after.OwnCpu - before.OwnCpu;
        var busiest = after.LoopCpu.Zip(before.LoopCpu, (end, start) => (end - start) / wall).Max();
        var latencies = fleet.Latencies;
        return new ScenarioResult(
            [
                new("rate", unit + "/s", completed / wall),
                new("server CPU per million", "s", serverCpu / completed * 1e6),
                new("server CPU utilisation", "cores", serverCpu / wall),
                new("latency p50", "ms", latencies.Percentile(0.50)),
                new("latency p95", "ms", latencies.Percentile(0.95)),
                new("latency p99", "ms", latencies.Percentile(0.99)),
                new("latency max", "ms", latencies.Max),
                new("generator CPU per million", "s", ownCpu / completed * 1e6),
                new("generator busiest loop", "share", busiest),
            ],
            [.. Warnings(busiest, ownCpu, serverCpu, serverCpu / wall)]);
    }

    private static IEnumerable<string> Warnings(double busiest, double ownCpu, double serverCpu, double utilisation)
    {
        if (busiest > BusyLoop)
        {
            yield return $"A loop of the generator was busy {busiest:P0} of the time: the rate may be the generator's, not the server's. Compare CPU per million.";
        }

        if (utilisation < SaturatedServer)
        {
            yield return $"The server used only {utilisation:F2} cores: its rate is not its capacity (the machine or the window kept it waiting). Compare CPU per million.";
        }

        if (ownCpu > serverCpu)
        {
            yield return $"The generator used more CPU ({ownCpu:F1} s) than the server ({serverCpu:F1} s): on shared cores the rate is partly its own.";
        }
    }

    private static Sample Take<TWorkload>(ClientFleet<TWorkload> fleet, ServerProcess server)
        where TWorkload : Workload =>
        new(Clock.Now, fleet.Completed, server.CpuSeconds, ProcessStatistics.CpuSeconds(Environment.ProcessId), fleet.LoopCpuSeconds);

    private sealed record Sample(long Time, long Completed, double ServerCpu, double OwnCpu, double[] LoopCpu);
}
