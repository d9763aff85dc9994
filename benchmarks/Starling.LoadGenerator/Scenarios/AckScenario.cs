using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>Every client asks and waits for its answer: the server's cost of one event in and one acknowledgement out.</summary>
internal sealed class AckScenario(LoadOptions options) : IScenario
{
    public string Name => "ack";

    public int Connections => options.Clients;

    public async Task<ScenarioResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var control = new RunControl();
        using var fleet = LoadMeasurement.CreateFleet(
            control, server, options, (_, clients) => new AckWorkload(control, clients, options.Outstanding, options.Payload));
        var result = await LoadMeasurement.RunAsync(fleet, control, server, options, "acks", cancellationToken);
        fleet.Workloads.ForEach(workload => workload.RequireComplete());
        return result;
    }
}
