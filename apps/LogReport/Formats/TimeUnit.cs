namespace Starling.Apps.LogReport.Formats;

/// <summary>What the number stands for that says how long a request took.</summary>
public enum TimeUnit
{
    /// <summary>Seconds if it has a point (nginx), microseconds if not (Apache's <c>%D</c>).</summary>
    Auto,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Microseconds.</summary>
    Microseconds,
}
