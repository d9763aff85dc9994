using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>
/// The programs that ask something of this supervisor. One that is asked from inside a worker, for instance from a terminal that a worker opened, must not end the
/// program that asks, or the shell around it, as something that the worker left behind. Safe for use by several threads.
/// </summary>
internal sealed class Callers
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _callers = [];
    private readonly HashSet<long> _numbers = [];

    /// <summary>Numbers of starts whose left-over processes are never taken for strays: a supervisor was started from inside of them.</summary>
    public IReadOnlyList<long> Numbers
    {
        get
        {
            lock (_lock)
            {
                return [.. _numbers];
            }
        }
    }

    /// <summary>Notes that a program asks.</summary>
    public void Add(int pid)
    {
        lock (_lock)
        {
            foreach (var (id, start) in _callers.ToArray())
            {
                if (ProcessTree.StartTicks(id) != start)
                {
                    _callers.Remove(id);
                }
            }

            if (ProcessTree.StartTicks(pid) is { } now)
            {
                _callers[pid] = now;
            }
        }
    }

    /// <summary>Notes starts from inside of which a supervisor was started.</summary>
    public void Spare(IEnumerable<long> numbers)
    {
        lock (_lock)
        {
            _numbers.UnionWith(numbers);
        }
    }

    /// <summary>The callers that live, and those of the processes around them that come of a worker.</summary>
    public HashSet<int> Around()
    {
        KeyValuePair<int, long>[] callers;
        lock (_lock)
        {
            callers = [.. _callers];
        }

        return [.. callers.Where(caller => ProcessTree.StartTicks(caller.Key) == caller.Value)
            .SelectMany(caller => ProcessTree.Ancestors(caller.Key).Prepend(caller.Key).TakeWhile(IsOfWorker))];
    }

    private static bool IsOfWorker(int pid) =>
        ProcessTree.Variables(pid).Any(variable => variable.StartsWith(SupervisorFolder.WorkerVariable + "=", StringComparison.Ordinal));
}
