namespace Starling.Apps.Watcher.Watching;

/// <summary>An arrival, a departure, or what happened to a worker.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">When.</param>
/// <param name="Worker">Number of the worker.</param>
/// <param name="Pid">Id of its process.</param>
/// <param name="Visitor">Whom it is about; null when it is about the worker.</param>
internal sealed record VisitEvent(VisitEventKind Kind, DateTimeOffset At, int Worker, int Pid, VisitorView? Visitor = null);
