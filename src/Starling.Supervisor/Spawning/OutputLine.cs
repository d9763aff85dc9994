namespace Starling.Supervisor.Spawning;

/// <summary>A line that a process wrote.</summary>
/// <param name="IsError">Whether it came by the standard error.</param>
/// <param name="Text">The line, without its end.</param>
public readonly record struct OutputLine(bool IsError, string Text);
