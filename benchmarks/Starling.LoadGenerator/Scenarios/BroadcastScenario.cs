using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>A few clients publish, all receive: the server's cost of one delivery.</summary>
internal sealed class BroadcastScenario(LoadOptions options) : IScenario
{
    public string Name => "broadcast";

    public int Connections => options.Clients;

    public async Task<ScenarioResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var control = new RunControl();
        using var fleet = LoadMeasurement.CreateFleet(
            control, server, options, (loop, clients) => new BroadcastWorkload(
                control, clients, options.Publishers, options.Window, options.Payload, options.SampleEvery, loop, options.Threads));
        var result = await LoadMeasurement.RunAsync(fleet, control, server, options, "deliveries", cancellationToken);

        var published = Enumerable.Range(0, options.Publishers).Select(i => fleet.Workloads.Sum(workload => workload.Published[i])).ToArray();
        fleet.Workloads.ForEach(workload => workload.RequireComplete(published));
        return result;
    }
}
