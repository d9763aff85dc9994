namespace Starling.Supervisor.Configuration;

/// <summary>What is to run: one entry of <c>apps</c> in a process file, with all defaults filled in and all paths absolute.</summary>
public sealed record AppConfig
{
    /// <summary>Value of <see cref="Interpreter"/> for a script that runs by itself.</summary>
    public const string NoInterpreter = "none";

    /// <summary>Name by which commands find it.</summary>
    public required string Name { get; init; }

    /// <summary>Group that commands can name instead of an application.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Program or script; an absolute path, or the name of a program that is looked for in PATH.</summary>
    public required string Script { get; init; }

    /// <summary>Arguments of the script.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>
    /// Program that runs the script: a path, the name of a program in PATH, or <see cref="NoInterpreter"/> for a script that runs by itself. Null for the program that
    /// the script needs by its extension or its content, if it needs one. A supervisor keeps the full path that it found in the PATH of the person who started it.
    /// </summary>
    public string? Interpreter { get; init; }

    /// <summary>Arguments of the interpreter, before the script.</summary>
    public IReadOnlyList<string> InterpreterArgs { get; init; } = [];

    /// <summary>Folder that processes start in; absolute.</summary>
    public required string Cwd { get; init; }

    /// <summary>Number of processes, 1 or more, and 0 after <c>scale</c> to none; a process file's 0 and <c>max</c> have become the number of cores, negative numbers the cores less that many.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>How the processes share what they listen on.</summary>
    public ExecMode ExecMode { get; init; }

    /// <summary>Environment variables added to those of the person who started it.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables that are added only when an environment is chosen (<c>--env production</c>), by the name of the environment (<c>production</c> for <c>env_production</c>).</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> EnvironmentEnv { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>
    /// Variables of the starter that processes do not get (<c>filter_env</c>): all whose name contains one of these texts, or that have this name after <c>=</c>
    /// (<c>=SECRET</c>); <c>*</c> for all.
    /// </summary>
    public IReadOnlyList<string> FilterEnv { get; init; } = [];

    /// <summary>Variable that holds a process's number within its application, from 0.</summary>
    public string InstanceVar { get; init; } = "NODE_APP_INSTANCE";

    /// <summary>Variable whose number is raised by one for each process; null for none.</summary>
    public string? IncrementVar { get; init; }

    /// <summary>
    /// Addresses that the supervisor listens on and hands to every process: <c>http://127.0.0.1:8080</c> (the scheme is for the reader), <c>127.0.0.1:8080</c>,
    /// <c>[::]:8080</c>, <c>8080</c> for all addresses, <c>unix:/run/app.sock</c>. Starling's own key; process files of PM2 have none.
    /// </summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Hands accepted connections to the process that has fewest, instead of letting the processes accept; for long-lived connections. Needs <see cref="Listen"/>.</summary>
    public bool LeastConnections { get; init; }

    /// <summary>
    /// Whether its process holds what no second one can use at the same time, such as a folder of data: a reload then ends the old one before it starts the new
    /// one, and connections to <see cref="Listen"/> wait meanwhile. For a single process.
    /// </summary>
    public bool Exclusive { get; init; }

    /// <summary>User that processes run as; a name or a number; null for the supervisor's own.</summary>
    public string? User { get; init; }

    /// <summary>Group that processes run as; a name or a number; null for that of <see cref="User"/>.</summary>
    public string? Group { get; init; }

    /// <summary>Whether it is started when the file is; otherwise it only appears in the list.</summary>
    public bool AutoStart { get; init; } = true;

    /// <summary>Whether a process that ended is started again.</summary>
    public bool AutoRestart { get; init; } = true;

    /// <summary>Exit codes after which a process is not started again.</summary>
    public IReadOnlyList<int> StopExitCodes { get; init; } = [];

    /// <summary>A process that ended sooner than this counts as an unstable restart.</summary>
    public TimeSpan MinUptime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Unstable restarts in a row after which a process is given up (<c>errored</c>).</summary>
    public int MaxRestarts { get; init; } = 16;

    /// <summary>Wait before each restart.</summary>
    public TimeSpan RestartDelay { get; init; }

    /// <summary>First wait of a back-off that grows by half with every unstable restart, up to 15 s; null when waits do not grow.</summary>
    public TimeSpan? ExpBackoffRestartDelay { get; init; }

    /// <summary>Times at which processes are restarted, as five or six fields of cron; null for never.</summary>
    public string? CronRestart { get; init; }

    /// <summary>What becomes of a process that still runs at such a time. Starling's own key.</summary>
    public CronOverlap CronOverlap { get; init; }

    /// <summary>Resident memory, in bytes, of a process and all that it started, above which it is restarted; null for no limit.</summary>
    public long? MaxMemoryRestart { get; init; }

    /// <summary>Whether a process is online only after it said that it is ready, by <c>process.send('ready')</c> or <c>sd_notify</c>.</summary>
    public bool WaitReady { get; init; }

    /// <summary>Longest wait for a process to be ready or to listen.</summary>
    public TimeSpan ListenTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time between the word to stop and the end by force.</summary>
    public TimeSpan KillTimeout { get; init; } = TimeSpan.FromMilliseconds(1600);

    /// <summary>Signal that asks a process to stop: <c>SIGINT</c>, <c>SIGTERM</c> ...</summary>
    public string KillSignal { get; init; } = "SIGINT";

    /// <summary>Whether a process is told to stop by the message <c>shutdown</c> on its IPC channel before the signal.</summary>
    public bool ShutdownWithMessage { get; init; }

    /// <summary>Whether the descendants of a process are ended with it.</summary>
    public bool TreeKill { get; init; } = true;

    /// <summary>Folders and files, or patterns of them, whose change restarts the application; empty for none; absolute.</summary>
    public IReadOnlyList<string> Watch { get; init; } = [];

    /// <summary>
    /// Names and patterns (<c>*</c>, <c>**</c>, <c>?</c>, <c>{a,b}</c>, <c>!</c>) of what is not watched, relative to <see cref="Cwd"/>, or regular expressions after
    /// <c>regex:</c>; empty for hidden files, <c>node_modules</c> and <c>logs</c>.
    /// </summary>
    public IReadOnlyList<string> IgnoreWatch { get; init; } = [];

    /// <summary>How long nothing may change before the restart.</summary>
    public TimeSpan WatchDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Check that a process is alive; null for none. Starling's own key.</summary>
    public LivenessConfig? Liveness { get; init; }

    /// <summary>Names of applications that have to be online before this one starts. Starling's own key.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>What is written where.</summary>
    public LogConfig Log { get; init; } = new();
}
