namespace Starling.LoadGenerator.Reports;

/// <summary>All rounds of a run or comparison, and what they come to.</summary>
/// <param name="Server">Command of the server.</param>
/// <param name="Peer">Command of the peer, if there was one.</param>
/// <param name="Options">What was asked for.</param>
/// <param name="Cores">Processors of this machine, shared by generator and server.</param>
/// <param name="Rounds">Every round, in the order they ran.</param>
internal sealed record Report(string Server, string? Peer, LoadOptions Options, int Cores, IReadOnlyList<Round> Rounds)
{
    public IReadOnlyList<SummaryLine> Summary =>
        [.. from round in Rounds
            where round.Side == "server" && round.Number == 1
            from metric in round.Result.Metrics
            select Summarize(round.Scenario, metric.Name, metric.Unit)];

    private SummaryLine Summarize(string scenario, string metric, string unit)
    {
        var server = Median("server", scenario, metric) ?? 0;
        var peer = Median("peer", scenario, metric);
        return new SummaryLine(scenario, metric, unit, server, peer, peer is null or 0 ? null : server / peer);
    }

    private double? Median(string side, string scenario, string metric)
    {
        var values = Rounds.Where(round => round.Side == side && round.Scenario == scenario)
            .Select(round => round.Result.Metrics.First(item => item.Name == metric).Value).Order().ToArray();
        return values.Length == 0 ? null : (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
