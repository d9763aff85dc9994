namespace Starling.Supervisor.Logs;

/// <summary>A line that a process wrote, as followers get it.</summary>
/// <param name="App">Name of the application.</param>
/// <param name="Instance">Number of the process within its application.</param>
/// <param name="Pid">Process id; 0 where it is not known.</param>
/// <param name="Stream">Output that it came by.</param>
/// <param name="Time">When the line was complete.</param>
/// <param name="Text">The line, without its end.</param>
public sealed record LogLine(string App, int Instance, int Pid, LogStream Stream, DateTimeOffset Time, string Text)
{
    /// <summary>Lines before this one that the follower did not get because it was too slow; usually 0.</summary>
    public long Lost { get; init; }
}
