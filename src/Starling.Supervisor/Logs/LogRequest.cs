namespace Starling.Supervisor.Logs;

/// <summary>What is asked of a log file besides writing; done after what was written before is in the file.</summary>
internal enum LogRequest
{
    /// <summary>Nothing more than that.</summary>
    Drain,

    /// <summary>Opens the file anew under its name.</summary>
    Reopen,

    /// <summary>Empties it.</summary>
    Empty,

    /// <summary>Closes it; what cannot be written now is lost.</summary>
    Close,
}
