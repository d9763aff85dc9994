using System.Collections.Concurrent;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Keeping;

/// <summary>How processes ended that a former supervisor had started: told by the keeper, whose children they have become. Safe for use by several threads.</summary>
internal sealed class ExitNews
{
    private readonly ConcurrentDictionary<int, ExitStatus> _ended = new();
    private readonly ConcurrentDictionary<int, Action<ExitStatus>> _waiting = new();

    /// <summary>Says how a process ended.</summary>
    public void Tell(int pid, ExitStatus status)
    {
        _ended[pid] = status;
        if (_waiting.TryRemove(pid, out var listener))
        {
            listener(status);
        }
    }

    /// <summary>Asks to be told, at once if it has ended already.</summary>
    public void Listen(int pid, Action<ExitStatus> listener)
    {
        _waiting[pid] = listener;
        if (_ended.TryGetValue(pid, out var status) && _waiting.TryRemove(pid, out _))
        {
            listener(status);
        }
    }

    /// <summary>How a process ended; unknown when nobody was told.</summary>
    public ExitStatus Of(int pid) => _ended.GetValueOrDefault(pid);
}
