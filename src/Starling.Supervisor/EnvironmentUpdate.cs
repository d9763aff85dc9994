namespace Starling.Supervisor;

/// <summary>Another environment for processes that are started again.</summary>
/// <param name="Environment">Variables of the person who asks.</param>
/// <param name="EnvironmentName">Environment to choose (<c>production</c> for <c>env_production</c>); null to keep the one that was chosen before.</param>
public sealed record EnvironmentUpdate(IReadOnlyDictionary<string, string> Environment, string? EnvironmentName);
