using System.Runtime.InteropServices;

namespace Starling.Supervisor.Spawning;

/// <summary>Why programs do not start, in words that are the same whichever way they are started.</summary>
internal static class SpawnErrors
{
    public const int NotFound = 2;
    public const int NotExecutable = 8;
    public const int NoPermission = 13;

    /// <summary>Whether an error number of the C library says that something ran out (processes, memory, descriptors), or that the program is being written.</summary>
    public static bool IsTemporary(int error) => error is 11 or 12 or 23 or 24 or 26 or 28;

    /// <summary>Says what an error number of the C library means.</summary>
    public static string Explain(string program, int error) => error switch
    {
        NotFound when IsPath(program) && File.Exists(program) =>
            $"{program} cannot be started: the interpreter that its first line names does not exist, or it is built for another system.",
        NotFound when IsPath(program) => $"{program} cannot be started: there is no such file.",
        NotFound => $"{program} cannot be started: there is no such program in PATH.",
        NotExecutable when OperatingSystem.IsWindows() => $"{program} cannot be started: it is not a program for this machine. Start a script by its interpreter.",
        NotExecutable => $"{program} cannot be started: it is neither a program for this machine nor a script with '#!' in its first line.",
        NoPermission when OperatingSystem.IsWindows() => $"{program} cannot be started: no permission to execute it.",
        NoPermission => $"{program} cannot be started: no permission to execute it (chmod +x).",
        11 => $"{program} cannot be started: the system's limit of processes is reached (ulimit -u).",
        24 => $"{program} cannot be started: this process has too many open files (ulimit -n).",
        _ => $"{program} cannot be started: {Marshal.GetPInvokeErrorMessage(error)}.",
    };

    /// <summary>Says what an error number of Windows means (https://learn.microsoft.com/windows/win32/debug/system-error-codes).</summary>
    public static string ExplainWindows(string program, int error) => error switch
    {
        2 or 3 => Explain(program, NotFound),
        5 => Explain(program, NoPermission),
        11 or 193 or 216 => Explain(program, NotExecutable),
        206 => $"{program} cannot be started: its arguments are longer than Windows allows (32,767 characters).",
        740 => $"{program} cannot be started: it asks for an administrator's rights, which this process does not have.",
        _ => $"{program} cannot be started: {Marshal.GetPInvokeErrorMessage(error)}",
    };

    /// <summary>Whether a program is named by a path; else it is looked for in PATH.</summary>
    public static bool IsPath(string program) => program.Contains('/', StringComparison.Ordinal) || (OperatingSystem.IsWindows() && program.AsSpan().ContainsAny('\\', ':'));

    public static void RefuseZero(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new SpawnException($"'{text.Replace("\0", "\\0", StringComparison.Ordinal)}' cannot be passed to a program: it contains a zero character.");
        }
    }
}
