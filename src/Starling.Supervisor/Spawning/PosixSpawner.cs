using System.Text;

namespace Starling.Supervisor.Spawning;

/// <summary>Starts processes by <c>posix_spawn</c>: they get the descriptors that they are meant to have and no other, default signals, and no copy of this process's memory.</summary>
internal static unsafe class PosixSpawner
{
    /// <summary>Largest number under which a child finds a descriptor: the usual limit is 1,024.</summary>
    private const int MaxNumber = 1023;

    public static ChildProcess Spawn(SpawnOptions options)
    {
        var watcher = ExitWatcher.Instance;
        CheckNumbers(options);
        using var plan = new SpawnPlan(options);
        plan.Connect(0, options.Input);
        plan.Connect(1, options.Output);
        plan.Connect(2, options.Error);
        foreach (var (number, handle) in options.Descriptors)
        {
            plan.Pass(number, handle);
        }

        var id = Start(options, plan);

        // Not collected before the watcher knows it, so that the id is its own until then.
        var child = new ChildProcess(id, options, PosixControl.Instance, plan.TakeStream(0), plan.TakeStream(1), plan.TakeStream(2)) { StartTicks = ProcessTree.StartTicksOfChild(id) };
        watcher.Add(child);
        return child;
    }

    private static int Start(SpawnOptions options, SpawnPlan plan)
    {
        using var strings = new NativeStrings();
        var actions = stackalloc byte[Libc.OpaqueSize];
        var attributes = stackalloc byte[Libc.OpaqueSize];
        var signals = stackalloc byte[Libc.OpaqueSize];
        _ = Libc.posix_spawn_file_actions_init(actions);
        _ = Libc.posix_spawnattr_init(attributes);
        try
        {
            // Signals that .NET ignores or blocks would stay so in the program.
            _ = Libc.posix_spawnattr_setflags(attributes, Libc.SpawnFlags(options.Detached));
            _ = Libc.sigfillset(signals);
            _ = Libc.posix_spawnattr_setsigdefault(attributes, signals);
            _ = Libc.sigemptyset(signals);
            _ = Libc.posix_spawnattr_setsigmask(attributes, signals);
            if (options.WorkingDirectory is { } folder)
            {
                _ = Libc.posix_spawn_file_actions_addchdir_np(actions, strings.Add(folder));
            }

            plan.AddActions(actions, strings);
            string[] command = [.. Identity(options), options.FileName, .. options.Arguments];
            var environment = options.Environment is { } given
                ? strings.AddArray([.. given.Select(pair => $"{pair.Key}={pair.Value}")])
                : strings.AddArray([.. Variables()]);
            var error = Libc.posix_spawnp(out var pid, strings.Add(command[0]), actions, attributes, strings.AddArray(command), environment);
            return error == 0 ? pid : throw new SpawnException(Explain(options, command[0], error)) { IsTemporary = SpawnErrors.IsTemporary(error) };
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }

    private static IEnumerable<string> Variables()
    {
        var variables = Environment.GetEnvironmentVariables().GetEnumerator();
        while (variables.MoveNext())
        {
            yield return $"{variables.Key}={variables.Value}";
        }
    }

    private static void CheckNumbers(SpawnOptions options)
    {
        if (options.Descriptors.Keys.FirstOrDefault(number => number is < 3 or > MaxNumber) is var wrong and not 0)
        {
            throw new SpawnException($"A descriptor cannot be passed as number {wrong}: numbers are 3 to {MaxNumber}.");
        }
    }

    private static string[] Identity(SpawnOptions options)
    {
        if (options.User is null && options.Group is null)
        {
            return [];
        }

        if (Libc.geteuid() != 0)
        {
            throw new SpawnException($"{options.FileName} cannot run as {options.User ?? options.Group}: only root may start programs as somebody else.");
        }

        List<string> command = ["setpriv"];
        if (options.User is { } user)
        {
            command.Add("--reuid=" + user);
        }

        if (options.Group is { } group)
        {
            command.AddRange(["--regid=" + group, options.User is null ? "--keep-groups" : "--clear-groups"]);
        }
        else
        {
            command.AddRange(["--regid=" + PrimaryGroup(options.User!), "--init-groups"]);
        }

        command.Add("--");
        return [.. command];
    }

    private static string PrimaryGroup(string user)
    {
        foreach (var line in File.ReadLines("/etc/passwd", Encoding.UTF8))
        {
            var fields = line.Split(':');
            if (fields.Length > 3 && (fields[0] == user || fields[2] == user))
            {
                return fields[3];
            }
        }

        throw new SpawnException($"There is no user '{user}' in /etc/passwd. Name its group as well, or choose another user.");
    }

    private static string Explain(SpawnOptions options, string program, int error) => error == SpawnErrors.NotFound && program != options.FileName
        ? $"{options.FileName} cannot run as another user: the program '{program}' is not installed (package util-linux)."
        : SpawnErrors.Explain(options.FileName, error);
}
