using Starling.Supervisor.Configuration.Syntax;

namespace Starling.Supervisor.Configuration;

/// <summary>
/// What somebody asked for, in a process file or at the command line, before defaults are filled in; null is "not said".
/// <see cref="AppConfigBuilder"/> makes an <see cref="AppConfig"/> of it. Members without a remark mean what the member of that name there means.
/// </summary>
public sealed record AppRequest
{
    /// <summary>Path of a script or program, a name that is looked for in PATH, or a whole command line for the shell (with spaces in it). Needed.</summary>
    public string? Script { get; init; }

    /// <summary>Name; null for that of the script without its extension.</summary>
    public string? Name { get; init; }

    /// <summary>Group of applications.</summary>
    public string? Namespace { get; init; }

    /// <summary>Arguments of the script.</summary>
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>Program that runs the script; <c>none</c> for a script that runs by itself; null for the one that its extension asks for.</summary>
    public string? Interpreter { get; init; }

    /// <summary>Arguments of the interpreter.</summary>
    public IReadOnlyList<string>? InterpreterArgs { get; init; }

    /// <summary>Folder that processes start in; relative to the folder of the request.</summary>
    public string? Cwd { get; init; }

    /// <summary>Number of processes; 0 for as many as there are cores, negative for that many fewer.</summary>
    public int? Instances { get; init; }

    /// <summary>How processes share what they listen on; null: cluster when <see cref="Instances"/> is given and Node runs it, otherwise fork.</summary>
    public ExecMode? ExecMode { get; init; }

    /// <summary>Whether the script is a command, never run by <c>cluster</c>.</summary>
    public bool? ExecuteCommand { get; init; }

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    /// <summary>Environment variables by the name of a chosen environment.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? EnvironmentEnv { get; init; }

    /// <summary>Whether <c>-</c> and the name of the chosen environment is added to the name.</summary>
    public bool? AppendEnvToName { get; init; }

    /// <summary>Variables of the starter that are left out.</summary>
    public IReadOnlyList<string>? FilterEnv { get; init; }

    /// <summary>Variable with the number of the process.</summary>
    public string? InstanceVar { get; init; }

    /// <summary>Variable whose number grows with each process.</summary>
    public string? IncrementVar { get; init; }

    /// <summary>Value of the variable <c>PORT</c>.</summary>
    public int? Port { get; init; }

    /// <summary>Addresses that the supervisor listens on.</summary>
    public IReadOnlyList<string>? Listen { get; init; }

    /// <summary>Whether accepted connections are handed to the process with fewest.</summary>
    public bool? LeastConnections { get; init; }

    /// <summary>Whether no two of its processes may run at the same time.</summary>
    public bool? Exclusive { get; init; }

    /// <summary>User, name or number.</summary>
    public string? User { get; init; }

    /// <summary>Group, name or number.</summary>
    public string? Group { get; init; }

    /// <summary>Whether it starts at once.</summary>
    public bool? AutoStart { get; init; }

    /// <summary>Whether it is started again.</summary>
    public bool? AutoRestart { get; init; }

    /// <summary>Exit codes that end it for good.</summary>
    public IReadOnlyList<int>? StopExitCodes { get; init; }

    /// <summary>Shortest stable life.</summary>
    public TimeSpan? MinUptime { get; init; }

    /// <summary>Unstable restarts in a row before it is given up.</summary>
    public int? MaxRestarts { get; init; }

    /// <summary>Wait before a restart.</summary>
    public TimeSpan? RestartDelay { get; init; }

    /// <summary>First wait of a growing back-off; zero for none.</summary>
    public TimeSpan? ExpBackoffRestartDelay { get; init; }

    /// <summary>Times of restarts, in cron's form; <c>0</c> for never.</summary>
    public string? CronRestart { get; init; }

    /// <summary>What becomes of a process that still runs at such a time.</summary>
    public CronOverlap? CronOverlap { get; init; }

    /// <summary>Limit of memory in bytes.</summary>
    public long? MaxMemoryRestart { get; init; }

    /// <summary>Whether it says itself when it is ready.</summary>
    public bool? WaitReady { get; init; }

    /// <summary>Longest wait for that.</summary>
    public TimeSpan? ListenTimeout { get; init; }

    /// <summary>Time to stop in.</summary>
    public TimeSpan? KillTimeout { get; init; }

    /// <summary>Signal to stop by.</summary>
    public string? KillSignal { get; init; }

    /// <summary>Whether a message precedes the signal.</summary>
    public bool? ShutdownWithMessage { get; init; }

    /// <summary>Whether descendants end too.</summary>
    public bool? TreeKill { get; init; }

    /// <summary>What is watched, relative to the folder that it starts in; empty for that folder.</summary>
    public IReadOnlyList<string>? Watch { get; init; }

    /// <summary>What is not watched.</summary>
    public IReadOnlyList<string>? IgnoreWatch { get; init; }

    /// <summary>Quiet time before a restart.</summary>
    public TimeSpan? WatchDelay { get; init; }

    /// <summary>Check of being alive.</summary>
    public LivenessConfig? Liveness { get; init; }

    /// <summary>Applications that have to be online first.</summary>
    public IReadOnlyList<string>? DependsOn { get; init; }

    /// <summary>File of the standard output, relative to the folder that it starts in; <c>NULL</c> or <c>/dev/null</c> for none.</summary>
    public string? OutFile { get; init; }

    /// <summary>File of the standard error, likewise.</summary>
    public string? ErrorFile { get; init; }

    /// <summary>File of both, likewise.</summary>
    public string? CombinedFile { get; init; }

    /// <summary>Whether both are written to the default file of both.</summary>
    public bool? Combined { get; init; }

    /// <summary>Whether all processes share files; null: they do when it is one process, not in cluster mode.</summary>
    public bool? MergeLogs { get; init; }

    /// <summary>Whether lines are JSON.</summary>
    public bool? LogJson { get; init; }

    /// <summary>Form of the time; empty for none.</summary>
    public string? LogDateFormat { get; init; }

    /// <summary>Whether lines get the time in PM2's usual form.</summary>
    public bool? LogTime { get; init; }

    /// <summary>Whether nothing is written.</summary>
    public bool? DisableLogs { get; init; }

    /// <summary>Size at which a log file is put aside; 0 for none.</summary>
    public long? LogMaxSize { get; init; }

    /// <summary>Age at which a log file is put aside; zero for none.</summary>
    public TimeSpan? LogMaxAge { get; init; }

    /// <summary>Number of log files kept.</summary>
    public int? LogKeep { get; init; }

    /// <summary>Whether log files put aside are compressed.</summary>
    public bool? LogCompress { get; init; }

    /// <summary>Why a key that PM2 has, or an option of that name, has no effect here.</summary>
    /// <param name="key">Name of the key, or of the option without its dashes.</param>
    /// <returns>The reason, and what to do instead; null when the key has an effect, or does not exist.</returns>
    public static string? WhyWithoutEffect(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return AppKeys.Find(key) is { Read: null } known ? known.NoEffect : null;
    }

    /// <summary>Says one thing more, by the key of a process file (or an alias of it) and the value as it is typed: <c>With("max_memory_restart", "200M")</c>.</summary>
    /// <exception cref="AppConfigException">There is no such key, or the value is not one of those that it allows.</exception>
    public AppRequest With(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var known = AppKeys.Find(key) ?? throw new AppConfigException(AppKeys.UnknownText(key), Name, key);
        if (known.Read is not { } read)
        {
            throw new AppConfigException($"{key} has no effect here: {known.NoEffect}", Name, key);
        }

        try
        {
            return read(this, ConfigNode.OfTyped(value));
        }
        catch (ConfigValueException error)
        {
            throw new AppConfigException(error.Text(known.Name), Name, known.Name);
        }
    }
}
