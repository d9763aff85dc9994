using Starling.LoadGenerator.Statistics;

namespace Starling.LoadGenerator.Reports;

/// <summary>One run of one scenario against one side.</summary>
/// <param name="Scenario">Name of the scenario.</param>
/// <param name="Side">"server" or "peer".</param>
/// <param name="Number">Counted from 1.</param>
/// <param name="Result">What was measured.</param>
internal sealed record Round(string Scenario, string Side, int Number, ScenarioResult Result);
