namespace Starling.Supervisor.Configuration;

/// <summary>Where the output of an application's processes is written.</summary>
public sealed record LogConfig
{
    /// <summary>Path that stands for writing to no file.</summary>
    public const string NoFile = "/dev/null";

    /// <summary>File of the standard output; null for the default in the supervisor's folder (<c>logs/NAME-out.log</c>); <c>/dev/null</c> for none.</summary>
    public string? OutFile { get; init; }

    /// <summary>File of the standard error; null for the default (<c>logs/NAME-error.log</c>).</summary>
    public string? ErrorFile { get; init; }

    /// <summary>File of both together; null for none.</summary>
    public string? CombinedFile { get; init; }

    /// <summary>Whether both are also written to the default file of both together (<c>logs/NAME.log</c>) when <see cref="CombinedFile"/> is null.</summary>
    public bool Combined { get; init; }

    /// <summary>Whether all processes of an application write to one file; otherwise each file's name gets the number of its process (<c>NAME-out-3.log</c>).</summary>
    public bool Merge { get; init; }

    /// <summary>Whether each line is written as a JSON object: <c>message</c>, <c>timestamp</c>, <c>type</c> (out or err), <c>process_id</c>, <c>app_name</c>.</summary>
    public bool Json { get; init; }

    /// <summary>Form of the time before each line, as in Moment.js (<c>YYYY-MM-DD HH:mm:ss Z</c>); null for lines without a time.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Whether nothing is written at all.</summary>
    public bool Disabled { get; init; }

    /// <summary>Size, in bytes, at which a file is put aside; 0 for no limit. Starling's own key.</summary>
    public long MaxSize { get; init; } = 10 << 20;

    /// <summary>Age at which a file is put aside; null for no limit. Starling's own key.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Number of files put aside that are kept. Starling's own key.</summary>
    public int Keep { get; init; } = 30;

    /// <summary>Whether files put aside are compressed by gzip. Starling's own key.</summary>
    public bool Compress { get; init; }
}
