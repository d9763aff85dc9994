using System.Globalization;

namespace Starling.Supervisor.Spawning;

/// <summary>A process, its descendants, and what else is in sessions that it leads: what has to end when a worker does.</summary>
internal static class ProcessTree
{
    private const int MaxRounds = 200;
    private const int EmptyLooks = 5;
    private const long Never = -1;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Ends a tree. Everything is stopped before anything is ended, again and again until nothing new is found, so that a tree that multiplies
    /// does not outrun the killing of it. Whole process groups are signalled as such, which no process escapes that is being forked meanwhile.
    /// </summary>
    /// <param name="root">Id of the process.</param>
    /// <param name="isCollected">Whether it has ended and been collected, so that its id may have gone to a stranger.</param>
    /// <returns>Number of processes that were ended.</returns>
    public static async Task<int> KillAsync(int root, bool isCollected)
    {
        // An id is not given away while a session has it; so if there is a process of that id, nothing is left of ours.
        if (isCollected && Libc.kill(root, 0) == 0)
        {
            return 0;
        }

        var killed = new HashSet<int>();
        var known = new Dictionary<int, long> { [root] = StartOf(root) };
        HashSet<int> groups = isCollected || Libc.getpgid(root) == root ? [root] : [];
        for (var round = 0; round < MaxRounds; round++)
        {
            SignalGroups(groups, Signals.Stop);
            var found = await FindAsync(known, groups);
            if (found.Count == 0)
            {
                break;
            }

            // Stopped processes cannot fork; look again until a look finds nobody who still can.
            var stopped = new HashSet<int>();
            while (found.Any(stopped.Add))
            {
                foreach (var id in found)
                {
                    stopped.Add(id);
                    _ = Libc.kill(id, Signals.Stop);
                }

                SignalGroups(groups, Signals.Stop);
                found = Expand(known, groups);
            }

            SignalGroups(groups, Signals.Kill);
            foreach (var id in stopped)
            {
                if (Libc.kill(id, Signals.Kill) == 0)
                {
                    killed.Add(id);
                }
            }

            await Task.Delay(Pause);
        }

        return killed.Count;
    }

    /// <summary>
    /// Those of the tree that live; nobody only when that is sure. A process that starts another and ends while the list is read may be missing from it
    /// together with the other, so an empty list counts when no process was started meanwhile, or when it stayed empty for several looks.
    /// </summary>
    private static async Task<HashSet<int>> FindAsync(Dictionary<int, long> known, HashSet<int> groups)
    {
        for (var look = 1; ; look++)
        {
            var last = ProcessStatus.LastStarted();
            var found = Expand(known, groups);
            if (found.Count > 0 || look == EmptyLooks || (last != null && last == ProcessStatus.LastStarted()))
            {
                return found;
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>
    /// Those of the tree that live, zombies not counted. Adds them to what is known, with the times of their starts, so that orphans of theirs are found again
    /// by their session, and strangers that have got the ids of ended ones are not; and their process groups to those of the tree.
    /// </summary>
    private static HashSet<int> Expand(Dictionary<int, long> known, HashSet<int> groups)
    {
        var processes = OperatingSystem.IsLinux()
            ? ProcessStatus.ReadAll().Select(process => new Entry(process.Id, process.Status.ParentId, process.Status.GroupId, process.Status.SessionId, process.Status.StartTime, process.Status.HasEnded)).ToList()
            : ReadAllByPs();
        var starts = processes.ToDictionary(process => process.Id, process => process.Start);
        var living = new HashSet<int>();
        bool isGrowing;
        do
        {
            isGrowing = false;
            foreach (var process in processes)
            {
                if (process.Id != Environment.ProcessId && (IsKnown(process.Id) || IsKnown(process.Parent) || IsKnown(process.Session)))
                {
                    isGrowing |= !IsKnown(process.Id);
                    known[process.Id] = process.Start;
                    if (process.Group > 1 && (IsKnown(process.Group) || IsKnown(process.Session)))
                    {
                        groups.Add(process.Group);
                    }

                    isGrowing |= !process.IsZombie && living.Add(process.Id);
                }
            }
        }
        while (isGrowing);

        return living;

        bool IsKnown(int id) => known.TryGetValue(id, out var start) && (!starts.TryGetValue(id, out var now) || now == start);
    }

    /// <summary>When a process started, in the system's ticks since its boot; null when it has ended. Tells a process from a later one of the same id.</summary>
    public static long? StartTicks(int id) =>
        OperatingSystem.IsLinux() ? ProcessStatus.TryRead(id, out var status) && !status.HasEnded ? status.StartTime : null : Libc.kill(id, 0) == 0 ? 0 : null;

    /// <summary>Environment that a process was started with, on Linux; nothing when it has ended or belongs to somebody else.</summary>
    public static string[] Variables(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Split('\0');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Not the own group, in which children are that were not given one.
    private static void SignalGroups(HashSet<int> groups, int signal)
    {
        groups.Remove(Libc.getpgid(0));
        foreach (var group in groups)
        {
            _ = Libc.kill(-group, signal);
        }
    }

    private static long StartOf(int root) => !OperatingSystem.IsLinux() ? 0 : ProcessStatus.TryRead(root, out var status) ? status.StartTime : Never;

    private static List<Entry> ReadAllByPs()
    {
        using var ps = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("ps", ["-axo", "pid=,ppid=,pgid=,sess=,stat="]) { RedirectStandardOutput = true })!;
        var lines = ps.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ps.WaitForExit();
        return [.. lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 5)
            .Select(fields => new Entry(Number(fields[0]), Number(fields[1]), Number(fields[2]), Number(fields[3]), Start: 0, fields[4].StartsWith('Z')))];
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private readonly record struct Entry(int Id, int Parent, int Group, int Session, long Start, bool IsZombie);
}
