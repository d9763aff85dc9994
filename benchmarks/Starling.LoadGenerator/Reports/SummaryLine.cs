namespace Starling.LoadGenerator.Reports;

/// <summary>Medians of one number over all rounds.</summary>
/// <param name="Scenario">Name of the scenario.</param>
/// <param name="Metric">Name of the number.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Server">Median of the server.</param>
/// <param name="Peer">Median of the peer; null when one server ran alone.</param>
/// <param name="Ratio">Server divided by peer; null without a peer, or when the peer's is 0.</param>
internal sealed record SummaryLine(string Scenario, string Metric, string Unit, double Server, double? Peer, double? Ratio);
