namespace Starling.Supervisor.Configuration;

/// <summary>Looks for programs in the folders of PATH. The program that looks is found by its own name wherever it lies, so that a process file may say <c>starling</c>.</summary>
internal static class ProgramSearch
{
    /// <summary>The absolute path of a program; null when there is none that may be run.</summary>
    /// <param name="name">Name of the program.</param>
    /// <param name="path">The folders to look in, as the variable PATH has them; null for those of this process.</param>
    public static string? Find(string name, string? path = null)
    {
        if (name.Contains('/') || name is "" or "." or "..")
        {
            return null;
        }

        if (path is null && Self(name) is { } self)
        {
            return self;
        }

        foreach (var folder in (path ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var candidate in OperatingSystem.IsWindows() ? (string[])[name, name + ".exe", name + ".cmd"] : [name])
            {
                var file = Path.Combine(folder, candidate);
                if (IsExecutable(file))
                {
                    return file;
                }
            }
        }

        return Self(name);
    }

    private static string? Self(string name) => Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == name ? self : null;

    public static bool IsExecutable(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
