using System.Collections.Concurrent;

namespace Starling.Messaging.Connections;

/// <summary>
/// One timer for all connections of a client or server: a call needs no timer of its own, and ten thousand idle connections need one.
/// It stands still while there is nothing to look after. Thread-safe.
/// </summary>
/// <remarks>
/// A process that was stopped, by a debugger, by SIGSTOP or because the machine had no time for it, finds all times over at once when it goes on, while what its peers
/// have sent lies unread in the sockets. So what passed unseen does not count.
/// </remarks>
internal sealed class Sweeper
{
    /// <summary>How exactly time-outs are kept.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>Time between two looks that is not worth a thought; anything beyond it has passed unseen. As it counts itself, time-outs come even where every look is late.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<WireConnection, byte> _connections = new();
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _isRunning;
    private long _lastLook;
    private int _isSweeping;

    public Sweeper(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static sweeper => ((Sweeper)sweeper!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(WireConnection connection)
    {
        lock (_gate)
        {
            _connections[connection] = 0;
            if (!_isRunning)
            {
                _isRunning = true;
                Volatile.Write(ref _lastLook, _time.GetTimestamp());
                _timer.Change(Period, Period);
            }
        }
    }

    public void Remove(WireConnection connection)
    {
        lock (_gate)
        {
            _connections.TryRemove(connection, out _);
            if (_connections.IsEmpty)
            {
                _isRunning = false;
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Sweep()
    {
        // Ticks that have piled up come at once, on several threads.
        if (Interlocked.Exchange(ref _isSweeping, 1) != 0)
        {
            return;
        }

        try
        {
            var now = _time.GetTimestamp();
            var unseen = _time.GetElapsedTime(_lastLook, now) - Usual;
            Volatile.Write(ref _lastLook, now);
            foreach (var (connection, _) in _connections)
            {
                if (unseen > TimeSpan.Zero)
                {
                    connection.Postpone(unseen);
                }

                connection.Sweep();
            }
        }
        finally
        {
            Volatile.Write(ref _isSweeping, 0);
        }
    }
}
