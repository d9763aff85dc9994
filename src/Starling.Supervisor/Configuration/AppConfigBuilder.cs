using Starling.Protocol;

namespace Starling.Supervisor.Configuration;

/// <summary>Fills in what a request does not say, by the rules of PM2, and makes its paths absolute.</summary>
public static class AppConfigBuilder
{
    /// <summary>A worker that shares sockets finishes its connections before it ends, which takes longer than PM2 allows for.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(15);

    private const string UsualDateFormat = "YYYY-MM-DDTHH:mm:ss";

    /// <summary>Makes a configuration of a request.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="folder">Folder that relative paths begin in; absolute.</param>
    /// <param name="environment">Name of the chosen environment, for <c>append_env_to_name</c>; null for none.</param>
    /// <exception cref="AppConfigException">The script, the folder or the interpreter does not exist, or values contradict each other.</exception>
    public static AppConfig Resolve(AppRequest request, string folder, string? environment = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var script = request.Script ?? throw new AppConfigException("it has no script: say what to run by \"script\"", request.Name, "script");
        var name = Name(request, script, environment);
        var cwd = Path.GetFullPath(HomePath(request.Cwd ?? "."), folder);
        if (!Directory.Exists(cwd))
        {
            throw new AppConfigException($"the folder {cwd} does not exist: make it, or correct \"cwd\"", name, "cwd") { IsMissing = true };
        }

        var (program, args) = Program(script, request.Args ?? [], cwd, name);
        var interpreter = request.Interpreter is { } asked ? Interpreters.Chosen(asked, cwd, name) : Interpreters.For(program, name);
        var mode = Mode(request, interpreter, name);
        return CheckTimes(new AppConfig
        {
            Name = name,
            Namespace = request.Namespace ?? "default",
            Script = program,
            Args = args,
            Interpreter = interpreter,
            InterpreterArgs = request.InterpreterArgs ?? [],
            Cwd = cwd,
            Instances = Instances(request.Instances ?? 1),
            ExecMode = mode,
            Env = Env(request, interpreter),
            EnvironmentEnv = request.EnvironmentEnv ?? new Dictionary<string, IReadOnlyDictionary<string, string>>(),
            FilterEnv = request.FilterEnv ?? [],
            InstanceVar = request.InstanceVar ?? "NODE_APP_INSTANCE",
            IncrementVar = request.IncrementVar,
            Listen = [.. (request.Listen ?? []).Select(address => ListenAddresses.Absolute(address, cwd))],
            LeastConnections = LeastConnections(request, mode, name),
            Exclusive = Exclusive(request, mode, name),
            User = User(request, name),
            Group = request.Group,
            AutoStart = request.AutoStart ?? true,
            AutoRestart = request.AutoRestart ?? true,
            StopExitCodes = request.StopExitCodes ?? [],
            MinUptime = request.MinUptime ?? TimeSpan.FromSeconds(1),
            MaxRestarts = request.MaxRestarts ?? 16,
            RestartDelay = request.RestartDelay ?? TimeSpan.Zero,
            ExpBackoffRestartDelay = request.ExpBackoffRestartDelay is { Ticks: > 0 } ? request.ExpBackoffRestartDelay : null,
            CronRestart = request.CronRestart is null or "0" or "" ? null : request.CronRestart,
            CronOverlap = request.CronOverlap ?? CronOverlap.Restart,
            MaxMemoryRestart = request.MaxMemoryRestart is > 0 ? request.MaxMemoryRestart : null,
            WaitReady = request.WaitReady ?? false,
            ListenTimeout = request.ListenTimeout ?? TimeSpan.FromSeconds(3),
            KillTimeout = request.KillTimeout ?? (request.Listen is { Count: > 0 } ? DrainTime : TimeSpan.FromMilliseconds(1600)),
            KillSignal = request.KillSignal ?? "SIGINT",
            ShutdownWithMessage = request.ShutdownWithMessage ?? false,
            TreeKill = request.TreeKill ?? true,
            Watch = request.Watch switch
            {
                null => [],
                [] => [cwd],
                var watched => [.. watched.Select(path => Path.GetFullPath(HomePath(path), cwd))],
            },
            IgnoreWatch = request.IgnoreWatch ?? [],
            WatchDelay = request.WatchDelay ?? TimeSpan.FromMilliseconds(200),
            Liveness = request.Liveness,
            DependsOn = request.DependsOn ?? [],
            Log = Log(request, cwd),
        });
    }

    private static AppConfig CheckTimes(AppConfig config)
    {
        foreach (var (key, time) in new[]
        {
            ("min_uptime", config.MinUptime), ("restart_delay", config.RestartDelay),
            ("exp_backoff_restart_delay", config.ExpBackoffRestartDelay ?? default), ("listen_timeout", config.ListenTimeout),
            ("kill_timeout", config.KillTimeout), ("watch_delay", config.WatchDelay),
            ("liveness", config.Liveness?.Interval ?? default), ("liveness", config.Liveness?.Timeout ?? default),
        })
        {
            if (time < TimeSpan.Zero || time > TimerLimits.Longest)
            {
                throw new AppConfigException($"\"{key}\" is {time}: choose a time from zero to {TimerLimits.Longest.Days} days", config.Name, key);
            }
        }

        return config;
    }

    private static string Name(AppRequest request, string script, string? environment)
    {
        var name = request.Name ?? NameOf(script);
        if (name.Length == 0 || name == "all" || name.Any(char.IsControl))
        {
            throw new AppConfigException($"\"{name}\" cannot be a name: choose another by \"name\"{(name == "all" ? ", since commands mean every application by it" : "")}", name, "name");
        }

        return request.AppendEnvToName == true && environment is not null ? $"{name}-{environment}" : name;
    }

    private static string NameOf(string script)
    {
        var file = Path.GetFileName(script.TrimEnd('/'));
        var dot = file.LastIndexOf('.');
        return dot > 0 ? file[..dot] : file;
    }

    private static (string Program, IReadOnlyList<string> Args) Program(string script, IReadOnlyList<string> args, string cwd, string name)
    {
        var path = Path.GetFullPath(HomePath(script), cwd);
        if (File.Exists(path))
        {
            return (path, args);
        }

        if (ProgramSearch.Find(script) is { } program)
        {
            return (program, args);
        }

        if (script.Contains(' ') && (ProgramSearch.Find("bash") ?? ProgramSearch.Find("sh")) is { } shell)
        {
            return (shell, args.Count == 0 ? ["-c", script] : ["-c", script, Path.GetFileName(shell), .. args]);
        }

        throw new AppConfigException(
            Directory.Exists(path)
                ? $"{path} is a folder: name the script in it"
                : $"the script {path} does not exist{(script.Contains('/') ? "" : $", and no program \"{script}\" is in PATH")}: correct \"script\" or \"cwd\"",
            name,
            "script")
        {
            IsMissing = true,
        };
    }

    private static ExecMode Mode(AppRequest request, string? interpreter, string name)
    {
        if (request.ExecuteCommand == true)
        {
            return ExecMode.Fork;
        }

        var isNode = Interpreters.IsNode(interpreter);
        if (request.ExecMode is ExecMode.Cluster && !isNode)
        {
            throw new AppConfigException(
                "the mode \"cluster\" is for scripts that Node runs: leave \"exec_mode\" out, and name the addresses that the processes share by \"listen\"", name, "exec_mode");
        }

        return request.ExecMode ?? (request.Instances is not null && isNode && request.LeastConnections != true ? ExecMode.Cluster : ExecMode.Fork);
    }

    private static int Instances(int asked) => asked > 0 ? asked : Math.Max(1, Environment.ProcessorCount + asked);

    private static Dictionary<string, string> Env(AppRequest request, string? interpreter)
    {
        var env = new Dictionary<string, string>(request.Env ?? new Dictionary<string, string>());
        if (request.Port is { } port)
        {
            env["PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (interpreter?.Contains("python", StringComparison.Ordinal) == true)
        {
            // Output that waits in a buffer is not in the log when it is looked for.
            env.TryAdd("PYTHONUNBUFFERED", "1");
        }

        if (request.User is { } user && Accounts.HomeOf(user) is { } home)
        {
            env["HOME"] = home;
        }

        return env;
    }

    /// <summary>Whose processes run is known before those that run already are ended for them.</summary>
    private static string? User(AppRequest request, string name) => request is { User: { } user, Group: null } && Accounts.HomeOf(user) is null
        ? throw new AppConfigException($"there is no user '{user}' in /etc/passwd: name its group as well by \"gid\", or correct \"uid\"", name, "uid")
        : request.User;

    private static bool LeastConnections(AppRequest request, ExecMode mode, string name) =>
        request.LeastConnections != true ? false
            : mode == ExecMode.Cluster
            ? throw new AppConfigException("\"least_connections\" is for exec_mode \"fork\": workers of Node's cluster module accept by themselves", name, "least_connections")
            : request.Listen is null or []
            ? throw new AppConfigException("\"least_connections\" needs addresses to accept connections at: name them by \"listen\"", name, "least_connections")
            : true;

    private static bool Exclusive(AppRequest request, ExecMode mode, string name) =>
        request.Exclusive != true ? false
            : mode == ExecMode.Cluster || Instances(request.Instances ?? 1) > 1
            ? throw new AppConfigException("\"exclusive\" says that no two processes can run at the same time: leave out \"instances\" and exec_mode \"cluster\"", name, "exclusive")
            : true;

    private static LogConfig Log(AppRequest request, string cwd)
    {
        var usual = new LogConfig();
        var format = request.LogTime == true ? UsualDateFormat : request.LogDateFormat;
        return usual with
        {
            OutFile = LogPath(request.OutFile, cwd),
            ErrorFile = LogPath(request.ErrorFile, cwd),
            CombinedFile = LogPath(request.CombinedFile, cwd) is { } combined && combined != LogConfig.NoFile ? combined : null,
            Combined = request.Combined ?? false,
            Merge = request.MergeLogs ?? (request.ExecMode is not ExecMode.Cluster && request.Instances is null or 0),
            Json = request.LogJson ?? false,
            DateFormat = string.IsNullOrEmpty(format) ? null : format,
            Disabled = request.DisableLogs ?? false,
            MaxSize = request.LogMaxSize ?? usual.MaxSize,
            MaxAge = request.LogMaxAge is { Ticks: > 0 } age ? age : null,
            Keep = request.LogKeep ?? usual.Keep,
            Compress = request.LogCompress ?? usual.Compress,
        };
    }

    private static string? LogPath(string? path, string cwd) => path switch
    {
        null => null,
        "NULL" or LogConfig.NoFile => LogConfig.NoFile,
        _ => Path.GetFullPath(HomePath(path), cwd),
    };

    private static string HomePath(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
            ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
            : path;
}
