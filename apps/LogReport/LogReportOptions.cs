using Starling.Apps.LogReport.Formats;

namespace Starling.Apps.LogReport;

/// <summary>What to report, and how.</summary>
public sealed record LogReportOptions
{
    /// <summary>The logs; <c>-</c> is standard input.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>How their lines are written.</summary>
    public LogFormat Format { get; init; }

    /// <summary>A regular expression with named groups, if the format is <see cref="LogFormat.Pattern"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>Unit of the times that requests took.</summary>
    public TimeUnit Unit { get; init; }

    /// <summary>Workers: as many as there are processors; 1 to 1,024.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Where the workers are.</summary>
    public RunMode Run { get; init; }

    /// <summary>How many paths and clients are listed: 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Earlier lines are left out.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Lines of this time and later ones are left out.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Whether the report is for a program.</summary>
    public bool IsJson { get; init; }

    /// <summary>Whether a bar on the terminal shows how far it is.</summary>
    public bool ShowsProgress { get; init; } = true;
}
