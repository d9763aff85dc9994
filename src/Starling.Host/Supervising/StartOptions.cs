using System.CommandLine;

namespace Starling.Host.Supervising;

/// <summary>The options of <c>starling start</c> that mean what a key of a process file means.</summary>
internal sealed class StartOptions
{
    private const string Yes = "true";
    private const string No = "false";

    private readonly List<(Option Option, string Key, Func<IReadOnlyList<string>, IEnumerable<string>> Values)> _keys = [];

    public StartOptions()
    {
        Value("name", "name", "Name of the application; by default the name of the script.", ["--name", "-n"]);
        Value("namespace", "name", "Group of applications.", ["--namespace"]);
        Value("instances", "number", "Number of processes; 0 or max for one on each core, -1 for one fewer.", ["--instances", "-i"]);
        Value("interpreter", "program", "Program that runs the script; none for a script that runs by itself.", ["--interpreter"]);
        Value("interpreter_args", "arguments", "Arguments of the interpreter.", ["--interpreter-args", "--node-args"]);
        Flag("execute_command", "Run the script as a command, never in cluster mode.", ["--execute-command", "-x"]);
        Value("cwd", "folder", "Folder to start in.", ["--cwd"]);
        Value("listen", "address", "Address that the processes share, such as 127.0.0.1:8080 or unix:/run/app.sock.", ["--listen"]);
        Optional("watch", "path", "Restart when a file under the path changes; by default under the folder that it starts in.", ["--watch"]);
        Value("ignore_watch", "pattern", "Files that are not watched.", ["--ignore-watch"]);
        WatchDelay();
        Value("max_memory_restart", "size", "Restart at this use of memory, for example 300M.", ["--max-memory-restart"]);
        Value("cron_restart", "times", "Restart at these times, in cron's form.", ["--cron-restart", "--cron", "-c"]);
        Flag("wait_ready", "Wait until the process says that it is ready.", ["--wait-ready"]);
        Value("listen_timeout", "ms", "Longest wait for that.", ["--listen-timeout"]);
        Value("kill_timeout", "ms", "Time to stop in before the end by force.", ["--kill-timeout", "-k"]);
        Value("kill_signal", "signal", "Signal that asks to stop; SIGINT by default.", ["--kill-signal"]);
        Flag("shutdown_with_message", "Send the message 'shutdown' instead of a signal.", ["--shutdown-with-message"]);
        Flag("treekill", "Stop the descendants of a process with it, which is the default.", ["--treekill"]);
        Without("treekill", "Stop only the main process.", ["--no-treekill"]);
        Without("autostart", "Add it to the list without starting it.", ["--no-autostart"]);
        Flag("autorestart", "Start a process that ended again, which is the default.", ["--autorestart"]);
        Without("autorestart", "Do not start a process that ended again.", ["--no-autorestart"]);
        Value("stop_exit_codes", "codes", "Exit codes after which a process is not started again.", ["--stop-exit-codes"]);
        Value("restart_delay", "ms", "Wait before each restart.", ["--restart-delay"]);
        Value("exp_backoff_restart_delay", "ms", "First wait of a growing back-off.", ["--exp-backoff-restart-delay"]);
        Value("max_restarts", "number", "Unstable restarts in a row after which no further one follows.", ["--max-restarts"]);
        Value("min_uptime", "time", "Life that counts as stable, for example 5s.", ["--min-uptime"]);
        Value("uid", "user", "User to run as.", ["--uid", "--user"]);
        Value("gid", "group", "Group to run as.", ["--gid", "--group"]);
        Optional("filter_env", "texts", "Leave out variables of this shell whose names contain one of these; all when no text is given.", ["--filter-env"]);
        Value("out_file", "file", "Log of the standard output.", ["--output", "-o"]);
        Value("error_file", "file", "Log of the standard error.", ["--error", "-e"]);
        Optional("log_file", "file", "Log of both.", ["--log", "-l"]);
        Value("log_type", "json|raw", "Form of the lines in the logs.", ["--log-type"]);
        Value("log_date_format", "form", "Time before each line of the logs, such as YYYY-MM-DD HH:mm:ss.", ["--log-date-format"]);
        Flag("time", "Write the time before each line of the logs.", ["--time"]);
        Flag("merge_logs", "Write one log for all processes of the application.", ["--merge-logs"]);
        Flag("disable_logs", "Write no logs.", ["--disable-logs"]);
    }

    public IEnumerable<Option> All => _keys.Select(entry => entry.Option);

    /// <summary>The keys that a command line sets, with their values, in the order of the options.</summary>
    public IReadOnlyList<(string Option, string Key, string Value)> Read(ParseResult parsed) =>
    [
        .. _keys.SelectMany(entry => parsed.GetResult(entry.Option) is { Implicit: false } result
            ? entry.Values([.. result.Tokens.Select(token => token.Value)]).Select(value => (entry.Option.Name, entry.Key, value))
            : []),
    ];

    private void Value(string key, string help, string description, string[] names) => Add(
        new Option<string[]>(names[0], names[1..]) { Description = description, HelpName = help, Arity = ArgumentArity.OneOrMore }, key, values => values);

    /// <summary>An option with a value that may be left out, as it is in PM2.</summary>
    private void Optional(string key, string help, string description, string[] names) => Add(
        new Option<string[]>(names[0], names[1..]) { Description = description, HelpName = help, Arity = ArgumentArity.ZeroOrMore }, key, values => values is [] ? [Yes] : values);

    private void Flag(string key, string description, string[] names) => Add(
        new Option<bool>(names[0], names[1..]) { Description = description, HelpName = Yes }, key, values => values is [] ? [Yes] : values);

    private void Without(string key, string description, string[] names) => Add(
        new Option<bool>(names[0], names[1..]) { Description = description, Arity = ArgumentArity.Zero }, key, _ => [No]);

    // A number alone is a number of seconds here, and of milliseconds in a file: PM2 has it so.
    private void WatchDelay() => Add(
        new Option<string[]>("--watch-delay") { Description = "How long nothing may change before the restart: 4 (seconds) or 500ms.", HelpName = "time", Arity = ArgumentArity.OneOrMore },
        "watch_delay",
        values => values.Select(value => value.All(character => char.IsAsciiDigit(character) || character == '.') ? value + "s" : value));

    private void Add(Option option, string key, Func<IReadOnlyList<string>, IEnumerable<string>> values) => _keys.Add((option, key, values));
}
