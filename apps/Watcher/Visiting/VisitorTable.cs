using System.Collections.Concurrent;

namespace Starling.Apps.Watcher.Visiting;

/// <summary>The visitors of this worker and what is to be reported of them. Safe for use by several threads; one reader takes reports.</summary>
internal sealed class VisitorTable(WatcherOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<int, Visitor> _visitors = new();
    private readonly Lock _lock = new();
    private List<Visit> _arrived = [];
    private List<int> _left = [];
    private int _lastConnection;
    private bool _isPresenceDue = true;

    /// <summary>Takes a visitor in; null when there are as many as there may be.</summary>
    public Visitor? Add(string visitor)
    {
        lock (_lock)
        {
            if (_visitors.Count >= options.MaxVisitorsPerWorker)
            {
                return null;
            }

            var added = new Visitor(new Visit(++_lastConnection, visitor), options.MaxMovesPerSecond, time);
            _visitors[added.Visit.Connection] = added;
            _arrived.Add(added.Visit);
            return added;
        }
    }

    public void Remove(Visitor visitor)
    {
        lock (_lock)
        {
            _visitors.TryRemove(visitor.Visit.Connection, out _);
            _left.Add(visitor.Visit.Connection);

            // While no report goes out, arrivals and departures do not pile up: all who are here will be told instead.
            if (_left.Count > options.MaxVisitorsPerWorker)
            {
                _arrived = [];
                _left = [];
                _isPresenceDue = true;
            }
        }
    }

    /// <summary>Lets the next report name all visitors.</summary>
    public void RequestPresence()
    {
        lock (_lock)
        {
            _isPresenceDue = true;
        }
    }

    /// <summary>What happened since the last report; null for nothing.</summary>
    public WorkerReport? TakeReport()
    {
        var moves = _visitors.Values.Select(visitor => visitor.Take()).OfType<int[]>().ToArray();
        lock (_lock)
        {
            if (moves.Length == 0 && _arrived.Count == 0 && _left.Count == 0 && !_isPresenceDue)
            {
                return null;
            }

            var report = new WorkerReport
            {
                Present = _isPresenceDue ? [.. _visitors.Values.Select(visitor => visitor.Visit)] : null,
                Arrived = _arrived.Count > 0 ? _arrived : null,
                Left = _left.Count > 0 ? _left : null,
                Moves = moves.Length > 0 ? moves : null,
            };
            (_arrived, _left, _isPresenceDue) = ([], [], false);
            return report;
        }
    }
}
