using System.Globalization;

namespace Starling.Supervisor.Spawning;

/// <summary>A process, its descendants, and what else is in sessions that it leads: what has to end when a worker does.</summary>
internal static class ProcessTree
{
    private const int MaxRounds = 200;

    /// <summary>
    /// Ends a tree. Everything is stopped before anything is ended, again and again until nothing new is found, so that a tree that multiplies
    /// does not outrun the killing of it.
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
        var known = new HashSet<int> { root };
        for (var round = 0; round < MaxRounds; round++)
        {
            if (Expand(known) is not { Count: > 0 } found)
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

                found = Expand(known);
            }

            foreach (var id in stopped)
            {
                if (Libc.kill(id, Signals.Kill) == 0)
                {
                    killed.Add(id);
                }
            }

            await Task.Delay(10);
        }

        return killed.Count;
    }

    /// <summary>Those of the tree that live, zombies not counted. Adds them to what is known, so that orphans of theirs are found again by their session.</summary>
    public static HashSet<int> Expand(HashSet<int> known)
    {
        var processes = OperatingSystem.IsLinux()
            ? [.. ProcessStatus.ReadAll().Select(process => new Entry(process.Id, process.Status.ParentId, process.Status.SessionId, process.Status.HasEnded))]
            : ReadAllByPs();
        var living = new HashSet<int>();
        bool isGrowing;
        do
        {
            isGrowing = false;
            foreach (var process in processes)
            {
                if (process.Id != Environment.ProcessId && (known.Contains(process.Id) || known.Contains(process.Parent) || known.Contains(process.Session)))
                {
                    isGrowing |= known.Add(process.Id);
                    isGrowing |= !process.IsZombie && living.Add(process.Id);
                }
            }
        }
        while (isGrowing);

        return living;
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

    private static List<Entry> ReadAllByPs()
    {
        using var ps = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("ps", ["-axo", "pid=,ppid=,sess=,stat="]) { RedirectStandardOutput = true })!;
        var lines = ps.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ps.WaitForExit();
        return [.. lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 4)
            .Select(fields => new Entry(Number(fields[0]), Number(fields[1]), Number(fields[2]), fields[3].StartsWith('Z')))];
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private readonly record struct Entry(int Id, int Parent, int Session, bool IsZombie);
}
