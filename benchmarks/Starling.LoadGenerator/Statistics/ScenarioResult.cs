namespace Starling.LoadGenerator.Statistics;

/// <summary>One scenario run once against one server process.</summary>
/// <param name="Metrics">The numbers, in the order they are shown.</param>
/// <param name="Warnings">Why the numbers may not mean what they seem to.</param>
internal sealed record ScenarioResult(IReadOnlyList<Metric> Metrics, IReadOnlyList<string> Warnings);
