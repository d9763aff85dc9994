namespace Starling.Supervisor;

/// <summary>Something that happened to a worker.</summary>
/// <param name="Kind">What.</param>
/// <param name="Time">When.</param>
/// <param name="App">Name of the application.</param>
/// <param name="Id">Number of the worker.</param>
/// <param name="Pid">Id of the process.</param>
/// <param name="Data">What belongs to it, depending on the kind; null for nothing.</param>
public sealed record SupervisorEvent(SupervisorEventKind Kind, DateTimeOffset Time, string App, int Id, int Pid, string? Data);
