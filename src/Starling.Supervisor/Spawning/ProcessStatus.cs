using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Starling.Supervisor.Spawning;

/// <summary>What <c>/proc/PID/stat</c> of Linux says (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html).</summary>
internal readonly partial record struct ProcessStatus(bool HasEnded, int ParentId, int GroupId, int SessionId, long CpuTicks, long StartTime, long ResidentPages)
{
    // Numbers of fields as in the manual page, less the first two, which stand before the name's closing parenthesis.
    private const int Parent = 4 - 3;
    private const int Group = 5 - 3;
    private const int Session = 6 - 3;
    private const int UserTime = 14 - 3;
    private const int SystemTime = 15 - 3;
    private const int Start = 22 - 3;
    private const int Resident = 24 - 3;
    private const int ReadOnlyClosedOnExec = 0x80000;
    private const int ClockTicks = 2;
    private static readonly long TicksPerSecond = OperatingSystem.IsLinux() ? Sysconf(ClockTicks) : 100;

    public static TimeSpan TimeOf(long cpuTicks) => TimeSpan.FromSeconds((double)cpuTicks / TicksPerSecond);

    public static bool TryRead(int processId, out ProcessStatus status)
    {
        status = default;
        Span<byte> buffer = stackalloc byte[1024];
        var length = ReadFile(processId, buffer);

        // The name may hold spaces and parentheses; nothing after it does.
        var text = buffer[..Math.Max(0, length)];
        var name = text.LastIndexOf((byte)')');
        if (name < 0 || name + 2 >= text.Length)
        {
            return false;
        }

        text = text[(name + 2)..];
        var hasEnded = text[0] is (byte)'Z' or (byte)'X';
        var (parent, group, session, cpu, start, resident) = (0L, 0L, 0L, 0L, 0L, 0L);
        for (var field = 0; field <= Resident; field++)
        {
            var end = text.IndexOf((byte)' ');
            if (field is Parent or Group or Session or UserTime or SystemTime or Start or Resident)
            {
                if (!Utf8Parser.TryParse(text, out long number, out _))
                {
                    return false;
                }

                parent = field == Parent ? number : parent;
                group = field == Group ? number : group;
                session = field == Session ? number : session;
                cpu += field is UserTime or SystemTime ? number : 0;
                start = field == Start ? number : start;
                resident = field == Resident ? number : resident;
            }

            text = end < 0 ? [] : text[(end + 1)..];
        }

        status = new ProcessStatus(hasEnded, (int)parent, (int)group, (int)session, cpu, start, resident);
        return true;
    }

    /// <summary>All processes of the system.</summary>
    public static IEnumerable<(int Id, ProcessStatus Status)> ReadAll()
    {
        foreach (var id in Ids())
        {
            if (TryRead(id, out var status))
            {
                yield return (id, status);
            }
        }
    }

    /// <summary>
    /// Id of the process or thread that was started last, by the last field of <c>/proc/loadavg</c>: the same before and after something means that
    /// nothing was started meanwhile. Null where the system does not tell.
    /// </summary>
    public static string? LastStarted()
    {
        try
        {
            return File.ReadAllText("/proc/loadavg").TrimEnd().Split(' ')[^1];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Ids of all processes.</summary>
    public static IEnumerable<int> Ids()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                yield return id;
            }
        }
    }

    private static unsafe int ReadFile(int processId, Span<byte> buffer)
    {
        Span<byte> path = stackalloc byte[32];
        "/proc/"u8.CopyTo(path);
        Utf8Formatter.TryFormat(processId, path[6..], out var digits);
        "/stat\0"u8.CopyTo(path[(6 + digits)..]);
        fixed (byte* pathStart = path, bufferStart = buffer)
        {
            var file = Open(pathStart, ReadOnlyClosedOnExec);
            if (file < 0)
            {
                return -1;
            }

            var length = Read(file, bufferStart, buffer.Length);
            _ = Close(file);
            return (int)length;
        }
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static unsafe partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static unsafe partial nint Read(int file, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint Sysconf(int name);
}
