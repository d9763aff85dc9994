namespace Starling.LoadGenerator.Statistics;

/// <summary>One measured number.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">The number.</param>
internal sealed record Metric(string Name, string Unit, double Value);
