namespace Starling.Supervisor.Rolling;

/// <summary>How a reload went.</summary>
/// <param name="App">Name of the application.</param>
/// <param name="Workers">What became of each worker, in the order in which they were replaced.</param>
/// <param name="Failure">Why it was broken off, with the old processes going on where they still do; null when it was not.</param>
public sealed record ReloadReport(string App, IReadOnlyList<ReloadedWorker> Workers, string? Failure);
