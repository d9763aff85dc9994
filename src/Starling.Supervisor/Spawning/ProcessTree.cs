using System.Globalization;

namespace Starling.Supervisor.Spawning;

/// <summary>
/// A process, its descendants, what else is in sessions that they lead, and all that carries the mark of the process in its environment: what has to end with it.
/// One object for each end. This process and the processes that it descends from are never a part of it, unless one of them is the root.
/// </summary>
internal sealed class ProcessTree
{
    private const int EmptyLooks = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly int _root;
    private readonly long _start;
    private readonly string? _mark;
    private readonly Dictionary<int, long> _known = [];
    private readonly Dictionary<int, long> _unmarked = [];
    private readonly IReadOnlySet<int> _spared;
    private readonly HashSet<int> _groups = [];
    private readonly HashSet<int> _protected;
    private readonly HashSet<int> _protectedGroups;

    /// <param name="root">Id of the process.</param>
    /// <param name="start">When it started (<see cref="StartTicks"/>); a process of that id that started at another time is not the root.</param>
    /// <param name="mark">A variable with its value, <c>NAME=value</c>, that the process got and passes on to all that it starts; null for none.</param>
    /// <param name="spared">Processes that, with all that they started, do not belong to the tree by their mark alone; null for none.</param>
    public ProcessTree(int root, long start, string? mark = null, IReadOnlySet<int>? spared = null)
    {
        (_root, _start, _mark, _spared) = (root, start, mark, spared ?? new HashSet<int>());
        _protected = [Environment.ProcessId, .. Ancestors(Environment.ProcessId)];
        _protected.Remove(root);
        _protectedGroups = [Libc.getpgid(0), .. _protected.Select(Libc.getpgid)];

        // Elsewhere than on Linux the start tells nothing. An id is not given away while a session has it, so a process of that id means that nothing is left.
        _known[root] = start;
        if (StartTicks(root) is not { } now || now == start)
        {
            Add(root);
        }
    }

    /// <summary>Sends a signal, once, to each process of the tree that lives; to the root first, so that it ends by the signal and not because its children did.</summary>
    /// <returns>Those that got it, with the times of their starts.</returns>
    public IReadOnlyDictionary<int, long> Signal(int signal)
    {
        var found = Expand();
        foreach (var id in found.OrderByDescending(id => id == _root))
        {
            _ = Libc.kill(id, signal);
        }

        return found.ToDictionary(id => id, id => _known[id]);
    }

    /// <summary>Stops every process of the tree, so that none can start another.</summary>
    /// <returns>Those that were stopped.</returns>
    public async Task<HashSet<int>> StopAsync()
    {
        SignalGroups(Signals.Stop);
        var found = await FindAsync();
        var stopped = new HashSet<int>();

        // Look again until a look finds none that can still fork.
        while (found.Any(stopped.Add))
        {
            foreach (var id in found)
            {
                stopped.Add(id);
                _ = Libc.kill(id, Signals.Stop);
            }

            SignalGroups(Signals.Stop);
            found = Expand();
        }

        return stopped;
    }

    /// <summary>Signals the process groups of the tree as such, which no process escapes that is being forked meanwhile.</summary>
    public void SignalGroups(int signal)
    {
        foreach (var group in _groups)
        {
            if (!_protectedGroups.Contains(group))
            {
                _ = Libc.kill(-group, signal);
            }
        }
    }

    /// <summary>When a process started, in the system's ticks since its boot; null when it has ended. Tells a process from a later one of the same id.</summary>
    public static long? StartTicks(int id) =>
        OperatingSystem.IsLinux() ? ProcessStatus.TryRead(id, out var status) && !status.HasEnded ? status.StartTime : null : Libc.kill(id, 0) == 0 ? 0 : null;

    /// <summary>When a process started, also when it has ended and is not collected yet; 0 when the system does not say.</summary>
    public static long StartTicksOfChild(int id) => OperatingSystem.IsLinux() && ProcessStatus.TryRead(id, out var status) ? status.StartTime : 0;

    /// <summary>The processes that a process descends from, the nearest first, without the first process of the system.</summary>
    public static IEnumerable<int> Ancestors(int id)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [Libc.getppid()];
        }

        var found = new List<int>();
        while (ProcessStatus.TryRead(id, out var status) && status.ParentId > 1 && !found.Contains(status.ParentId))
        {
            found.Add(id = status.ParentId);
        }

        return found;
    }

    /// <summary>Environment that a process was started with, on Linux; nothing when it has ended or belongs to another user.</summary>
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

    /// <summary>
    /// Those of the tree that live; an empty set only when that is sure. A process that starts another and ends while the list is read may be missing from it
    /// together with the other, so an empty list counts when no process was started meanwhile, or when it stayed empty for several looks.
    /// </summary>
    private async Task<HashSet<int>> FindAsync()
    {
        for (var look = 1; ; look++)
        {
            var last = ProcessStatus.LastStarted();
            var found = Expand();
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
    private HashSet<int> Expand()
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
                if (!_protected.Contains(process.Id) && (IsKnown(process.Id) || IsKnown(process.Parent) || IsKnown(process.Session) || IsMarked(process)))
                {
                    isGrowing |= !IsKnown(process.Id);
                    _known[process.Id] = process.Start;
                    if (process.Group > 1 && (IsKnown(process.Group) || IsKnown(process.Session)))
                    {
                        _groups.Add(process.Group);
                    }

                    isGrowing |= !process.IsZombie && living.Add(process.Id);
                }
            }
        }
        while (isGrowing);

        return living;

        bool IsKnown(int id) => _known.TryGetValue(id, out var start) && (!starts.TryGetValue(id, out var now) || now == start);
    }

    /// <summary>Whether a process, which may have left the session and lost its parents, carries the mark. Each is looked at once.</summary>
    private bool IsMarked(Entry process)
    {
        if (_mark is null || process.IsZombie || process.Start < _start || (_unmarked.TryGetValue(process.Id, out var start) && start == process.Start))
        {
            return false;
        }

        if (Variables(process.Id).Contains(_mark))
        {
            return _spared.Count == 0 || !Ancestors(process.Id).Prepend(process.Id).Any(_spared.Contains);
        }

        _unmarked[process.Id] = process.Start;
        return false;
    }

    private void Add(int root)
    {
        if (Libc.getpgid(root) is var group && (group == root || group < 0))
        {
            _groups.Add(root);
        }
    }

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
