using System.Collections.Frozen;
using Starling.Supervisor.Configuration.Syntax;
using Starling.Supervisor.Health;

namespace Starling.Supervisor.Configuration;

/// <summary>The keys of an application in a process file: those of PM2 with their aliases, and Starling's own.</summary>
internal static class AppKeys
{
    private const string EnvironmentPrefix = "env_";
    private const string Traced = "it belongs to a hosted service of PM2; use `starling monit` and `starling web`";

    private static readonly AppKey[] All =
    [
        Key("script", (app, value) => app with { Script = ConfigValues.Text(value, "the path of a script or program") }, "exec", "cmd", "command"),
        Key("name", (app, value) => app with { Name = ConfigValues.TextOrNumber(value, "a name") }),
        Key("namespace", (app, value) => app with { Namespace = ConfigValues.Text(value) }),
        Key("cwd", (app, value) => app with { Cwd = ConfigValues.Text(value, "the path of a folder") }),
        Key("args", (app, value) => app with { Args = ConfigValues.Arguments(value) }),
        Key("exec_interpreter", (app, value) => app with { Interpreter = ConfigValues.Text(value, "a program, or \"none\"") }, "interpreter"),
        Key("node_args", (app, value) => app with { InterpreterArgs = ConfigValues.Arguments(value) }, "interpreter_args", "interpreterArgs"),
        Key("instances", (app, value) => app with { Instances = Instances(value) }),
        Key("exec_mode", (app, value) => app with { ExecMode = Mode(value) }),
        Key("execute_command", (app, value) => app with { ExecuteCommand = ConfigValues.Flag(value) }),
        Key("env", (app, value) => app with { Env = Merged(app.Env, ConfigValues.Variables(value)) }),
        Key("append_env_to_name", (app, value) => app with { AppendEnvToName = ConfigValues.Flag(value) }),
        Key("filter_env", (app, value) => app with { FilterEnv = Filter(app.FilterEnv, value) }),
        Key("port", (app, value) => app with { Port = ConfigValues.Whole(value, 0, 65_535) }),
        Key("instance_var", (app, value) => app with { InstanceVar = ConfigValues.Text(value, "the name of a variable") }),
        Key("increment_var", (app, value) => app with { IncrementVar = ConfigValues.Text(value, "the name of a variable") }),
        Key("uid", (app, value) => app with { User = ConfigValues.TextOrNumber(value, "a user's name or number") }, "user"),
        Key("gid", (app, value) => app with { Group = ConfigValues.TextOrNumber(value, "a group's name or number") }),
        Key("autostart", (app, value) => app with { AutoStart = ConfigValues.Flag(value) }),
        Key("autorestart", (app, value) => app with { AutoRestart = ConfigValues.Flag(value) }),
        Key("stop_exit_codes", (app, value) => app with { StopExitCodes = ConfigValues.WholeNumbers(value) }),
        Key("min_uptime", (app, value) => app with { MinUptime = ConfigValues.Duration(value, 100) }),
        Key("max_restarts", (app, value) => app with { MaxRestarts = ConfigValues.Whole(value) }),
        Key("restart_delay", (app, value) => app with { RestartDelay = ConfigValues.Duration(value) }),
        Key("exp_backoff_restart_delay", (app, value) => app with { ExpBackoffRestartDelay = ConfigValues.Duration(value) }),
        Key("cron_restart", (app, value) => app with { CronRestart = Cron(value) }, "cron"),
        Key("cron_overlap", (app, value) => app with { CronOverlap = OneOf(value, "restart", "skip") == "skip" ? CronOverlap.Skip : CronOverlap.Restart }),
        Key("max_memory_restart", (app, value) => app with { MaxMemoryRestart = ConfigValues.Size(value) }),
        Key("wait_ready", (app, value) => app with { WaitReady = ConfigValues.Flag(value) }),
        Key("listen_timeout", (app, value) => app with { ListenTimeout = ConfigValues.Duration(value) }),
        Key("kill_timeout", (app, value) => app with { KillTimeout = ConfigValues.Duration(value) }),
        Key("kill_signal", (app, value) => app with { KillSignal = Signal(value) }),
        Key("shutdown_with_message", (app, value) => app with { ShutdownWithMessage = ConfigValues.Flag(value) }),
        Key("treekill", (app, value) => app with { TreeKill = ConfigValues.Flag(value) }),
        Key("watch", Watch),
        Key("ignore_watch", (app, value) => app with { IgnoreWatch = Joined(app.IgnoreWatch, Ignored(value)) }),
        Key("watch_delay", (app, value) => app with { WatchDelay = ConfigValues.Duration(value) }),
        Key("watch_options", WatchOptions),
        Key("out_file", (app, value) => app with { OutFile = ConfigValues.Text(value, "the path of a file") }, "out", "output", "out_log"),
        Key("error_file", (app, value) => app with { ErrorFile = ConfigValues.Text(value, "the path of a file") }, "error", "err", "err_file", "err_log"),
        Key("log_file", Combined, "log"),
        Key("merge_logs", (app, value) => app with { MergeLogs = ConfigValues.Flag(value) }, "combine_logs"),
        Key("log_type", (app, value) => app with { LogJson = OneOf(value, "json", "raw") == "json" }),
        Key("log_date_format", (app, value) => app with { LogDateFormat = value.Kind is ConfigNodeKind.Text ? value.Text : throw new ConfigValueException("a form of the time such as \"YYYY-MM-DD HH:mm:ss\"", value) }),
        Key("time", (app, value) => app with { LogTime = ConfigValues.Flag(value) }),
        Key("disable_logs", (app, value) => app with { DisableLogs = ConfigValues.Flag(value) }),

        Key("listen", (app, value) => app with { Listen = Addresses(app.Listen, value) }),
        Key("least_connections", (app, value) => app with { LeastConnections = ConfigValues.Flag(value) }),
        Key("exclusive", (app, value) => app with { Exclusive = ConfigValues.Flag(value) }),
        Key("liveness", (app, value) => app with { Liveness = LivenessReader.Read(value) }),
        Key("depends_on", (app, value) => app with { DependsOn = Joined(app.DependsOn, value.Typed ? value.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : ConfigValues.List(value)) }),
        Key("log_max_size", (app, value) => app with { LogMaxSize = ConfigValues.Size(value) }),
        Key("log_max_age", (app, value) => app with { LogMaxAge = ConfigValues.Duration(value) }),
        Key("log_keep", (app, value) => app with { LogKeep = ConfigValues.Whole(value) }),
        Key("log_compress", (app, value) => app with { LogCompress = ConfigValues.Flag(value) }),

        Without("name_prefix", "write the whole name"),
        Without("install_url", "it belongs to modules of PM2"),
        Without("force", "names are unique; choose another name to run a script twice"),
        Without("pid_file", "the supervisor keeps process ids itself; `starling info NAME` shows them", "pid"),
        Without("source_map_support", "give Node \"node_args\": \"--enable-source-maps\" instead"),
        Without("disable_source_map_support", "source maps are not touched"),
        Without("vizion", "version control is not looked at"),
        Without("post_update", "nothing is updated from outside"),
        Without("trace", Traced),
        Without("disable_trace", Traced),
        Without("v8", Traced),
        Without("event_loop_inspector", Traced),
        Without("deep_monitoring", Traced),
        Without("pmx", Traced),
        Without("automation", Traced),
        Without("io", Traced),
        Without("username", "say \"uid\" to run as somebody else"),
        Without("windowsHide", "no window is opened"),
        Without("kill_retry_time", "the end of a process is waited for, not asked for again and again"),
        Without("write", "it belongs to the command line of PM2"),
    ];

    private static readonly FrozenDictionary<string, AppKey> ByName = All
        .SelectMany(key => key.Aliases.Append(key.Name).SelectMany(name => new[] { name, CamelCase(name) }).Distinct().Select(name => (name, key)))
        .DistinctBy(pair => pair.name)
        .ToFrozenDictionary(pair => pair.name, pair => pair.key);

    /// <summary>The key of that name or alias; null when there is none.</summary>
    public static AppKey? Find(string name)
    {
        if (ByName.TryGetValue(name, out var key) || ByName.TryGetValue(name.Replace('-', '_'), out key))
        {
            return key;
        }

        var environment = name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) ? name[EnvironmentPrefix.Length..] : "";
        return environment.Length > 0 && !environment.Any(char.IsWhiteSpace)
            ? Key(name, (app, value) => app with { EnvironmentEnv = With(app.EnvironmentEnv, environment, ConfigValues.Variables(value)) })
            : null;
    }

    /// <summary>What to say of a key that does not exist.</summary>
    public static string UnknownText(string name) =>
        NearestName.Find(name, ByName.Keys) is { } near ? $"there is no key \"{name}\"; did you mean \"{near}\"?" : $"there is no key \"{name}\"";

    private static AppKey Key(string name, Func<AppRequest, ConfigNode, AppRequest> read, params string[] aliases) => new(name) { Read = read, Aliases = aliases };

    private static AppKey Without(string name, string why, params string[] aliases) => new(name) { NoEffect = why, Aliases = aliases };

    private static string CamelCase(string name) =>
        string.Concat(name.Split('_').Select((part, at) => at == 0 || part.Length == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));

    private static int Instances(ConfigNode value) => value is { Kind: ConfigNodeKind.Text, Text: "max" } ? 0 : InstanceNumber(value);

    private static int InstanceNumber(ConfigNode value)
    {
        try
        {
            return ConfigValues.Whole(value, -100_000, 100_000);
        }
        catch (ConfigValueException)
        {
            throw new ConfigValueException("a number of processes, \"max\" or 0 for one per core, or a negative number for that many fewer", value);
        }
    }

    private static ExecMode Mode(ConfigNode value) =>
        OneOf(value, "fork", "cluster", "fork_mode", "cluster_mode").StartsWith("cluster", StringComparison.Ordinal) ? ExecMode.Cluster : ExecMode.Fork;

    private static string OneOf(ConfigNode value, params string[] allowed) =>
        value.Kind is ConfigNodeKind.Text && allowed.Contains(value.Text)
            ? value.Text
            : throw new ConfigValueException("one of " + string.Join(", ", allowed.Select(one => $"\"{one}\"")), value);

    private static IReadOnlyList<string> Filter(IReadOnlyList<string>? before, ConfigNode value) => value switch
    {
        { Kind: ConfigNodeKind.Flag } => value.Flag ? ["*"] : [],
        { Typed: true, Text: "true" } => ["*"],
        { Typed: true } => Joined(before, ConfigValues.List(value)),

        // PM2 takes a text as the one variable to leave out, but the items of a list as parts of names.
        { Kind: ConfigNodeKind.Text } => ["=" + ConfigValues.Text(value)],
        _ => ConfigValues.List(value),
    };

    private static string Cron(ConfigNode value)
    {
        if (value is { Kind: ConfigNodeKind.Number, Number: 0 } or { Kind: ConfigNodeKind.Text, Text: "0" })
        {
            return "0";
        }

        var text = ConfigValues.Text(value, "a time in cron's form such as \"0 3 * * *\", or 0 for never");
        try
        {
            CronSchedule.Parse(text);
            return text;
        }
        catch (FormatException error)
        {
            throw new ConfigValueException($"a time in cron's form such as \"0 3 * * *\", or 0 for never: {error.Message}", value);
        }
    }

    private static string Signal(ConfigNode value)
    {
        var name = ConfigValues.Text(value, "a signal such as \"SIGTERM\"").ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name : "SIG" + name;
        return name is "SIGINT" or "SIGTERM" or "SIGHUP" or "SIGQUIT" or "SIGUSR1" or "SIGUSR2" or "SIGKILL" or "SIGABRT" or "SIGALRM" or "SIGWINCH"
            ? name
            : throw new ConfigValueException("a signal such as \"SIGINT\", \"SIGTERM\", \"SIGQUIT\" or \"SIGUSR2\"", value);
    }

    private static AppRequest Watch(AppRequest app, ConfigNode value) => value switch
    {
        { Kind: ConfigNodeKind.Flag } => app with { Watch = value.Flag ? [] : null },
        { Typed: true, Text: "true" or "false" } => app with { Watch = value.Text == "true" ? [] : null },
        _ => app with { Watch = Joined(app.Watch, ConfigValues.List(value)) },
    };

    private static IReadOnlyList<string> Ignored(ConfigNode value) =>
        value.Kind is ConfigNodeKind.Text ? ConfigValues.Arguments(value) : ConfigValues.List(value);

    // Of the options of PM2's watcher only those that say what is not watched have a meaning here.
    private static AppRequest WatchOptions(AppRequest app, ConfigNode value)
    {
        if (value.Kind is not ConfigNodeKind.Object)
        {
            throw new ConfigValueException("an object", value);
        }

        var ignored = value.Members.FirstOrDefault(member => member.Key == "ignored")?.Value;
        return ignored is null ? app : app with { IgnoreWatch = Joined(app.IgnoreWatch, ConfigValues.List(ignored)) };
    }

    private static AppRequest Combined(AppRequest app, ConfigNode value) => value switch
    {
        { Kind: ConfigNodeKind.Flag } => app with { Combined = value.Flag },
        { Typed: true, Text: "true" or "false" } => app with { Combined = value.Text == "true" },
        _ => app with { CombinedFile = ConfigValues.Text(value, "the path of a file, or true") },
    };

    private static IReadOnlyList<string> Addresses(IReadOnlyList<string>? before, ConfigNode value)
    {
        var addresses = value.Kind is ConfigNodeKind.Number ? [value.AsVariable()] : ConfigValues.List(value);
        foreach (var address in addresses)
        {
            if (!ListenAddresses.IsValid(address))
            {
                throw new ConfigValueException("an address to listen on such as \"8080\", \"127.0.0.1:8080\", \"[::1]:8080\", \"http://127.0.0.1:8080\" or \"unix:/run/app.sock\"", ConfigNode.OfTyped(address));
            }
        }

        return value.Typed ? Joined(before, addresses) : addresses;
    }

    private static IReadOnlyList<string> Joined(IReadOnlyList<string>? before, IReadOnlyList<string> added) => [.. before ?? [], .. added];

    private static Dictionary<string, string> Merged(IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string> added)
    {
        var merged = new Dictionary<string, string>(before ?? new Dictionary<string, string>());
        foreach (var (name, value) in added)
        {
            merged[name] = value;
        }

        return merged;
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> With(
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? before, string environment, IReadOnlyDictionary<string, string> added)
    {
        var all = new Dictionary<string, IReadOnlyDictionary<string, string>>(before ?? new Dictionary<string, IReadOnlyDictionary<string, string>>());
        all[environment] = Merged(all.GetValueOrDefault(environment), added);
        return all;
    }
}
