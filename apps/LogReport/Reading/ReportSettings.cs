using Starling.Apps.LogReport.Formats;

namespace Starling.Apps.LogReport.Reading;

/// <summary>How lines are read, the same for all workers.</summary>
internal sealed record ReportSettings
{
    /// <summary>The regular expression of <see cref="LogFormat.Pattern"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>Unit of the times that requests took.</summary>
    public TimeUnit Unit { get; init; }

    /// <summary>First second since 1970 that counts.</summary>
    public long? From { get; init; }

    /// <summary>First second since 1970 that no longer counts.</summary>
    public long? To { get; init; }
}
