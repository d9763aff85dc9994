namespace Starling.Apps.LogReport.Formats;

/// <summary>How the lines of a log are written.</summary>
public enum LogFormat
{
    /// <summary>Guessed from the first lines of each file.</summary>
    Auto,

    /// <summary><c>host ident user [time] "request" status bytes</c></summary>
    Common,

    /// <summary>Common, with <c>"referer" "agent"</c> and whatever may follow.</summary>
    Combined,

    /// <summary>Common or combined, with the time that the request took as the last field.</summary>
    Timed,

    /// <summary>An object per line.</summary>
    Json,

    /// <summary>A regular expression of the user's.</summary>
    Pattern,
}
