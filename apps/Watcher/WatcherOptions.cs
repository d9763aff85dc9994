namespace Starling.Apps.Watcher;

/// <summary>Names and limits of the watcher.</summary>
public sealed class WatcherOptions
{
    /// <summary>Name of the application that collects, in the process file.</summary>
    public const string MasterApp = "watcher-master";

    /// <summary>Name of the application whose processes visitors connect to, in the process file.</summary>
    public const string WorkerApp = "watcher";

    /// <summary>How many moves of one visitor are passed on in a second (120). Of more, the newest position is kept.</summary>
    public int MaxMovesPerSecond { get; set; } = 120;

    /// <summary>How many visitors one worker takes at a time (1,000); further ones are told to come back.</summary>
    public int MaxVisitorsPerWorker { get; set; } = 1_000;

    /// <summary>How many visitors the master follows in all (4,000); further ones are counted, not shown.</summary>
    public int MaxVisitors { get; set; } = 4_000;

    /// <summary>How many positions of each visitor the master keeps (256).</summary>
    public int MaxTrail { get; set; } = 256;

    /// <summary>How often a worker reports what moved (50 ms).</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often a worker tells all its visitors (5 s), so that a master that missed something gets right again.</summary>
    public TimeSpan PresenceInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a worker may be silent before it is taken for dead (3 s). A worker says something every second.</summary>
    public TimeSpan WorkerTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How old a report may be whose moves count in the activity (2 s): what waited for a master that was not there does not look like a burst.
    /// </summary>
    public TimeSpan MaxReportAge { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a visitor whose connection ended may take to come back before it is said to have left (3 s).</summary>
    public TimeSpan ReturnTime { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How much of the activity is kept (120 s).</summary>
    public int ActivitySeconds { get; set; } = 120;
}
