using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Keeping;

/// <summary>
/// How processes ended that a former supervisor had started: told by the keeper, whose children they have become. An id alone does not say which process it was, since
/// the system gives ids again; the time of the start does. Safe for use by several threads.
/// </summary>
internal sealed class ExitNews
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(int Pid, long Start), ExitStatus> _ended = [];
    private readonly Dictionary<(int Pid, long Start), Action<ExitStatus>> _waiting = [];
    private bool _isComplete;

    /// <summary>Says how a process ended.</summary>
    /// <param name="pid">Its id.</param>
    /// <param name="start">When it started; 0 when the keeper does not know, and then the news is believed of whichever process of that id is waited for.</param>
    /// <param name="status">How it ended.</param>
    public void Tell(int pid, long start, ExitStatus status)
    {
        List<Action<ExitStatus>> listeners = [];
        lock (_lock)
        {
            if (!_isComplete)
            {
                _ended[(pid, start)] = status;
            }

            foreach (var process in _waiting.Keys.Where(process => process.Pid == pid && (start == 0 || process.Start == start)).ToArray())
            {
                _waiting.Remove(process, out var listener);
                listeners.Add(listener!);
            }
        }

        listeners.ForEach(listener => listener(status));
    }

    /// <summary>Asks to be told, at once if the process has ended already.</summary>
    public void Listen(int pid, long start, Action<ExitStatus> listener)
    {
        lock (_lock)
        {
            if (!_ended.TryGetValue((pid, start), out var status) && !_ended.TryGetValue((pid, 0), out status))
            {
                _waiting[(pid, start)] = listener;
                return;
            }

            listener(status);
        }
    }

    /// <summary>Forgets the news of processes that were not asked for: all are known by now.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            _ended.Clear();
        }
    }
}
