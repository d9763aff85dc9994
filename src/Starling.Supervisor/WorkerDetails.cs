using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;

namespace Starling.Supervisor;

/// <summary>A worker with all that is known of it.</summary>
/// <param name="Worker">How it is.</param>
/// <param name="Config">What it was told to be.</param>
/// <param name="Environment">Variables that its process gets.</param>
/// <param name="Logs">Files that its output is written to.</param>
public sealed record WorkerDetails(WorkerInfo Worker, AppConfig Config, IReadOnlyDictionary<string, string> Environment, LogPaths Logs);
