using System.Collections.Concurrent;

namespace Starling.Messaging.Connections;

/// <summary>
/// One timer for all connections of a client or server: a call needs no timer of its own, and ten thousand idle connections need one.
/// It stands still while there is nothing to look after. Thread-safe.
/// </summary>
internal sealed class Sweeper
{
    /// <summary>How exactly time-outs are kept.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<WireConnection, byte> _connections = new();
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private bool _isRunning;

    public Sweeper(TimeProvider time) =>
        _timer = time.CreateTimer(static sweeper => ((Sweeper)sweeper!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Add(WireConnection connection)
    {
        lock (_gate)
        {
            _connections[connection] = 0;
            if (!_isRunning)
            {
                _isRunning = true;
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
        foreach (var (connection, _) in _connections)
        {
            connection.Sweep();
        }
    }
}
