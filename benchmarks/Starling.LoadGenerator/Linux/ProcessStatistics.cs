using System.Globalization;

namespace Starling.LoadGenerator.Linux;

/// <summary>What the kernel knows of a process: read from /proc, so it is the same measure for every runtime.</summary>
internal static class ProcessStatistics
{
    private static readonly double TicksPerSecond = LibC.SystemConfiguration(LibC.ClockTicksPerSecond);

    /// <summary>User plus system time of all threads, living and ended, in seconds; resolution is one clock tick (10 ms as a rule).</summary>
    public static double CpuSeconds(int processId)
    {
        var text = Read($"/proc/{processId}/stat");

        // The command name is in brackets and may hold blanks; utime and stime are fields 14 and 15 of proc_pid_stat(5).
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (Parse(fields[11]) + Parse(fields[12])) / TicksPerSecond;
    }

    /// <summary>Time one thread of this process has run, in seconds, to the nanosecond.</summary>
    public static double ThreadCpuSeconds(int threadId) =>
        Parse(Read($"/proc/self/task/{threadId}/schedstat").Split(' ')[0]) / 1e9;

    /// <summary>Resident memory (VmRSS) in bytes.</summary>
    public static long ResidentBytes(int processId) => Kilobytes($"/proc/{processId}/status", "VmRSS:") * 1024;

    /// <summary>Proportional memory (Pss: shared pages are divided among their users) in bytes.</summary>
    public static long ProportionalBytes(int processId) => Kilobytes($"/proc/{processId}/smaps_rollup", "Pss:") * 1024;

    private static long Kilobytes(string path, string key)
    {
        var line = Read(path).Split('\n').First(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(key.Length, line.Length - key.Length - "kB".Length).Trim(), CultureInfo.InvariantCulture);
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            throw new LoadException($"{path} cannot be read: what was measured has ended.");
        }
    }

    private static double Parse(string number) => double.Parse(number, CultureInfo.InvariantCulture);
}
