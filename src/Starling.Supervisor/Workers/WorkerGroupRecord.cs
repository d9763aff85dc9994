using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Workers;

/// <summary>What an application is started with.</summary>
/// <param name="Config">What is to run.</param>
/// <param name="Environment">Variables of the person who started it.</param>
/// <param name="EnvironmentName">Environment that was chosen (<c>production</c> for <c>env_production</c>); null for none.</param>
public sealed record WorkerGroupRecord(AppConfig Config, IReadOnlyDictionary<string, string> Environment, string? EnvironmentName);
