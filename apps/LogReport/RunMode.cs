namespace Starling.Apps.LogReport;

/// <summary>Where the workers are.</summary>
public enum RunMode
{
    /// <summary>In threads of this process.</summary>
    Threads,

    /// <summary>In processes of their own; one that dies is replaced, and what it was at is done anew.</summary>
    Processes,
}
