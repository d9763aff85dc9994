namespace Starling.Apps.LogReport;

/// <summary>How the command ends.</summary>
public static class ExitCode
{
    /// <summary>Everything was read.</summary>
    public const int Done = 0;

    /// <summary>A file was not read to its end; what was read is reported.</summary>
    public const int Failed = 1;

    /// <summary>The command was not understood.</summary>
    public const int Usage = 2;

    /// <summary>The user ended it, by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
