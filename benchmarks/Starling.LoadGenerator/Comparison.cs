using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.Reports;
using Starling.LoadGenerator.Scenarios;
using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;

namespace Starling.LoadGenerator;

/// <summary>Runs scenarios in turns (server, peer, server, peer ...), each time against a fresh process, so that drift hits both alike.</summary>
internal sealed class Comparison(string server, string? peer, LoadOptions options, int rounds, TextWriter progress)
{
    public async Task<Report> RunAsync(IReadOnlyList<IScenario> scenarios, CancellationToken cancellationToken)
    {
        OpenFileLimit.Require(scenarios.Max(scenario => scenario.Connections));
        var done = new List<Round>();
        foreach (var scenario in scenarios)
        {
            for (var round = 1; round <= rounds; round++)
            {
                done.Add(await RunAsync(scenario, "server", server, round, cancellationToken));
                if (peer is not null)
                {
                    done.Add(await RunAsync(scenario, "peer", peer, round, cancellationToken));
                }
            }
        }

        return new Report(server, peer, options, Environment.ProcessorCount, done);
    }

    private async Task<Round> RunAsync(IScenario scenario, string side, string command, int number, CancellationToken cancellationToken)
    {
        try
        {
            // What the last round left must not be collected in this one's time.
            GC.Collect();
            using var process = await ServerProcess.StartAsync(command, cancellationToken);
            var result = await scenario.RunAsync(process, cancellationToken);
            progress.WriteLine($"{scenario.Name} {side} {number}/{rounds}: {string.Join("; ", result.Metrics.Take(3).Select(Describe))}");
            return new Round(scenario.Name, side, number, result);
        }
        catch (LoadException failure)
        {
            throw new LoadException($"{scenario.Name}, {side}, round {number}: {failure.Message}");
        }
    }

    private static string Describe(Metric metric) => $"{metric.Name} {TextReport.Number(metric.Value)} {metric.Unit}";
}
