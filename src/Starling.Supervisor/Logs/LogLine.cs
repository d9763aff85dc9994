namespace Starling.Supervisor.Logs;

/// <summary>A line that a process wrote, as followers get it.</summary>
/// <param name="App">Name of the application.</param>
/// <param name="Id">Number of the worker among all, as the list of workers shows it.</param>
/// <param name="Instance">Number of the worker within its application.</param>
/// <param name="Pid">Process id; null for a line that was read from a file, which does not have it.</param>
/// <param name="Stream">Output that it came by.</param>
/// <param name="Time">When the line was complete; null for a line that was read from a file.</param>
/// <param name="Text">The line, without its end.</param>
public sealed record LogLine(string App, int Id, int Instance, int? Pid, LogStream Stream, DateTimeOffset? Time, string Text)
{
    /// <summary>Lines before this one that the follower did not get because it was too slow; usually 0.</summary>
    public long Lost { get; init; }
}
