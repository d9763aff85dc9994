namespace Starling.Supervisor.Logs;

/// <summary>Which of a process's outputs a line came by.</summary>
public enum LogStream
{
    /// <summary>The standard output.</summary>
    Out,

    /// <summary>The standard error.</summary>
    Error,
}
