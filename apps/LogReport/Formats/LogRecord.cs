namespace Starling.Apps.LogReport.Formats;

/// <summary>What a line says. The spans are parts of the line, or of its parser until the next line.</summary>
internal ref struct LogRecord
{
    /// <summary>Stands for a number that the line does not have.</summary>
    public const long None = long.MinValue;

    public ReadOnlySpan<byte> Host;

    /// <summary>Without the query.</summary>
    public ReadOnlySpan<byte> Path;

    /// <summary>100 to 999, or 0 where the line has none.</summary>
    public int Status;

    public long Bytes;

    /// <summary>Microseconds, or <see cref="None"/>.</summary>
    public long Latency;

    /// <summary>Seconds since 1970 in UTC, or <see cref="None"/>.</summary>
    public long Time;

    /// <summary>Makes it a record that says nothing.</summary>
    public void Clear()
    {
        Host = default;
        Path = default;
        Status = 0;
        Bytes = 0;
        Latency = None;
        Time = None;
    }
}
