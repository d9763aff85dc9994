using Starling.LoadGenerator.Documents;
using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>Writers of shared documents: the server's cost of one operation transformed, stored, acknowledged and sent to the others.</summary>
internal sealed class DocumentsScenario(LoadOptions options) : IScenario
{
    public string Name => "documents";

    public int Connections => options.Clients;

    public async Task<ScenarioResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await DocumentSeed.CreateAsync(server.Port, options.Documents, cancellationToken);
        var control = new RunControl();
        using var fleet = LoadMeasurement.CreateFleet(control, server, options, (loop, clients) => new DocumentsWorkload(
            control, [.. Enumerable.Range(0, clients).Select(client => new Writer(DocumentsOf((client * options.Threads) + loop)))], options.Outstanding));
        var result = await LoadMeasurement.RunAsync(fleet, control, server, options, "operations", cancellationToken);
        var versions = new long[options.Documents];
        fleet.Workloads.ForEach(workload => workload.RequireComplete(versions));
        return result;
    }

    /// <summary>The documents are dealt out to the writers; where there are more writers, several share one.</summary>
    private int[] DocumentsOf(int writer) => options.Documents <= options.Clients
        ? [writer % options.Documents]
        : [.. Enumerable.Range(0, options.Documents).Where(document => document % options.Clients == writer)];
}
