namespace Starling.Supervisor.Configuration;

/// <summary>Looks for programs in the folders of PATH. The program that looks is found by its own name wherever it lies, so that a process file may say <c>starling</c>.</summary>
internal static class ProgramSearch
{
    /// <summary>The absolute path of a program; null when there is none that may be run.</summary>
    public static string? Find(string name)
    {
        if (name.Contains('/') || name is "" or "." or "..")
        {
            return null;
        }

        if (Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == name)
        {
            return self;
        }

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var candidate in OperatingSystem.IsWindows() ? (string[])[name, name + ".exe", name + ".cmd"] : [name])
            {
                var path = Path.Combine(folder, candidate);
                if (IsExecutable(path))
                {
                    return path;
                }
            }
        }

        return null;
    }

    public static bool IsExecutable(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
