using System.ComponentModel;
using System.Diagnostics;

namespace Starling.Supervisor.Spawning;

/// <summary>Starts processes by <see cref="Process"/>, for Windows. That gives them pipes only, so threads of this process fill and empty their files.</summary>
internal static class ManagedSpawner
{
    public static ChildProcess Spawn(SpawnOptions options)
    {
        Check(options);
        var info = Describe(options);
        using var plan = new ManagedPlan(options);
        var process = new Process { StartInfo = info };
        try
        {
            process.Start();
        }
        catch (Exception exception)
        {
            process.Dispose();
            throw exception is Win32Exception { NativeErrorCode: var code }
                ? new SpawnException(Explain(options.FileName, code), exception)
                : new SpawnException($"{options.FileName} cannot be started: {exception.Message}", exception);
        }

        var control = new ManagedControl(process, options);
        var (input, output, error, copied) = plan.Connect(process);
        var child = new ChildProcess(process.Id, options, control, input, output, error);
        _ = control.WatchAsync(child, copied);
        return child;
    }

    private static ProcessStartInfo Describe(SpawnOptions options)
    {
        var info = new ProcessStartInfo(Find(options), options.Arguments)
        {
            WorkingDirectory = options.WorkingDirectory ?? "",
            RedirectStandardInput = options.Input is not StandardStream.Inherited,
            RedirectStandardOutput = options.Output is not StandardStream.Inherited,
            RedirectStandardError = options.Error is not StandardStream.Inherited,
        };
        if (options.Environment is { } environment)
        {
            info.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                info.Environment[name] = value;
            }
        }

        return info;
    }

    private static void Check(SpawnOptions options)
    {
        Refuse(options.User is not null || options.Group is not null, $"run as {options.User ?? options.Group}", "programs run as the user that starts them");
        Refuse(options.Descriptors.Count > 0, $"be given descriptor {options.Descriptors.Keys.FirstOrDefault()}", "programs get the three standard streams only; use a pipe or a socket with a name");
        Refuse(options.Detached, "be detached", "there are no sessions; leave Detached out");
        Refuse(
            new[] { options.Input, options.Output, options.Error }.Any(stream => stream is StandardStream.ToDescriptor),
            "be given a descriptor as standard stream", "use a file, or a pipe that this program copies");

        // cmd.exe would run it, and takes arguments apart by rules of its own: an argument could become a command.
        var extension = Path.GetExtension(options.FileName.AsSpan().TrimEnd(" .")).ToString();
        Refuse(
            extension.Equals(".cmd", StringComparison.OrdinalIgnoreCase) || extension.Equals(".bat", StringComparison.OrdinalIgnoreCase),
            "be started by itself", "cmd.exe runs it and would read its arguments as commands. Start cmd.exe with /c, and only with arguments that you trust");
        foreach (var text in options.Arguments.Concat(options.Environment?.SelectMany(pair => new[] { pair.Key, pair.Value }) ?? []).Append(options.FileName))
        {
            SpawnErrors.RefuseZero(text);
        }

        void Refuse(bool isWanted, string what, string why)
        {
            if (isWanted)
            {
                throw new SpawnException($"{options.FileName} cannot {what} on Windows: {why}.");
            }
        }
    }

    private static string Explain(string program, int error) =>
        OperatingSystem.IsWindows() ? SpawnErrors.ExplainWindows(program, error) : SpawnErrors.Explain(program, error);

    /// <summary>The path of the program. Windows by itself would look into the current folder before those of PATH.</summary>
    private static string Find(SpawnOptions options)
    {
        var name = options.FileName;
        var file = OperatingSystem.IsWindows() && !Path.HasExtension(name) ? name + ".exe" : name;
        var folders = SpawnErrors.IsPath(name)
            ? [Path.GetFullPath(options.WorkingDirectory ?? ".")]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists)
            ?? throw new SpawnException(SpawnErrors.Explain(name, SpawnErrors.NotFound));
    }
}
