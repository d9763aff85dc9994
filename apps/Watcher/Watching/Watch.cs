namespace Starling.Apps.Watcher.Watching;

/// <summary>
/// What the master knows: workers, visitors, their paths, and the activity of the last minutes; all bounded. It is made of reports alone, so that it comes back by
/// itself after a restart, and reports that got lost are made good by the next one that names all visitors. Safe for use by several threads.
/// </summary>
internal sealed class Watch(WatcherOptions options, TimeProvider time)
{
    private const int MaxEvents = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, WatchedWorker> _workers = [];
    private readonly Dictionary<string, WatchedVisitor> _visitors = new(StringComparer.Ordinal);
    private readonly Queue<VisitEvent> _events = new();
    private readonly List<VisitEvent> _untold = [];
    private readonly ActivityLog _activity = new(options.ActivitySeconds, time.GetUtcNow());
    private int _lastNumber;

    /// <summary>Takes a worker's report in.</summary>
    /// <returns>Whether it can be understood; otherwise the worker has to be asked for all its visitors.</returns>
    public bool Apply(int worker, int pid, WorkerReport report)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var isUnderstood = _workers.ContainsKey(pid) || report.Present is not null;
            var source = Worker(worker, pid, now);
            source.HeardAt = now;
            foreach (var visit in report.Arrived ?? [])
            {
                Connect(source, visit, now);
            }

            foreach (var connection in report.Left ?? [])
            {
                Disconnect(source, connection, now);
            }

            if (report.Present is { } present)
            {
                var connections = present.Select(visit => visit.Connection).ToHashSet();
                foreach (var gone in source.Connections.Keys.Concat(source.Unseen).Where(connection => !connections.Contains(connection)).ToArray())
                {
                    Disconnect(source, gone, now);
                }

                foreach (var visit in present)
                {
                    Connect(source, visit, now);
                }
            }

            var counts = now.ToUnixTimeMilliseconds() - report.SentAt <= options.MaxReportAge.TotalMilliseconds;
            foreach (var moves in report.Moves ?? [])
            {
                isUnderstood &= TryMove(source, moves, counts, now);
            }

            if (report.IsLast)
            {
                Forget(source, VisitEventKind.WorkerEnded, now);
            }

            return isUnderstood;
        }
    }

    /// <summary>Notices who has been away for too long and which worker is silent, and takes what is to be told.</summary>
    public WatchNews Advance()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            foreach (var silent in _workers.Values.Where(worker => now - worker.HeardAt > options.WorkerTimeout).ToArray())
            {
                Forget(silent, VisitEventKind.WorkerLost, now);
            }

            foreach (var gone in _visitors.Values.Where(visitor => now - visitor.AwaySince > options.ReturnTime).ToArray())
            {
                _visitors.Remove(gone.Id);
                Tell(VisitEventKind.Left, gone, now);
            }

            VisitEvent[] events = [.. _untold];
            _untold.Clear();
            return new WatchNews(
                events,
                [.. _visitors.Values.Select(visitor => visitor.TakeFresh()).OfType<int[]>()],
                _activity.Advance(now, _workers.Values.Select(worker => worker.Number)));
        }
    }

    public WatchView View()
    {
        lock (_lock)
        {
            return new WatchView(
                [.. _visitors.Values.Select(visitor => visitor.View(withTrail: true))], _activity.Past, [.. _events], _workers.Values.Sum(worker => worker.Unseen.Count));
        }
    }

    private WatchedWorker Worker(int number, int pid, DateTimeOffset now)
    {
        if (!_workers.TryGetValue(pid, out var worker))
        {
            _workers[pid] = worker = new WatchedWorker(number, pid);
            Tell(new VisitEvent(VisitEventKind.WorkerUp, now, number, pid));
        }

        return worker;
    }

    private void Forget(WatchedWorker worker, VisitEventKind why, DateTimeOffset now)
    {
        _workers.Remove(worker.Pid);
        Tell(new VisitEvent(why, now, worker.Number, worker.Pid));
        foreach (var connection in worker.Connections.Keys.ToArray())
        {
            Disconnect(worker, connection, now);
        }
    }

    private void Connect(WatchedWorker worker, Visit visit, DateTimeOffset now)
    {
        if (worker.Connections.ContainsKey(visit.Connection))
        {
            return;
        }

        if (!_visitors.TryGetValue(visit.Visitor, out var visitor) && _visitors.Count >= options.MaxVisitors)
        {
            worker.Unseen.Add(visit.Connection);
            return;
        }

        var kind = visitor is null ? VisitEventKind.Arrived : VisitEventKind.Returned;
        visitor ??= _visitors[visit.Visitor] = new WatchedVisitor(++_lastNumber, visit.Visitor, options.MaxTrail, now);
        worker.Unseen.Remove(visit.Connection);
        worker.Connections[visit.Connection] = visitor;
        visitor.Connections.Add((worker.Pid, visit.Connection));
        (visitor.Worker, visitor.Pid, visitor.AwaySince) = (worker.Number, worker.Pid, null);
        Tell(kind, visitor, now);
    }

    private void Disconnect(WatchedWorker worker, int connection, DateTimeOffset now)
    {
        worker.Unseen.Remove(connection);
        if (!worker.Connections.Remove(connection, out var visitor))
        {
            return;
        }

        visitor.Connections.Remove((worker.Pid, connection));
        if (visitor.Connections.Count == 0)
        {
            visitor.AwaySince = now;
            Tell(VisitEventKind.Away, visitor, now);
        }
    }

    private bool TryMove(WatchedWorker worker, ReadOnlySpan<int> moves, bool counts, DateTimeOffset now)
    {
        if (moves.Length < 3)
        {
            return true;
        }

        _activity.Add(worker.Number, counts ? (moves.Length - 1) / 2 : 0);
        if (worker.Connections.TryGetValue(moves[0], out var visitor))
        {
            visitor.Move(moves[1..], now);
            return true;
        }

        return worker.Unseen.Contains(moves[0]);
    }

    private void Tell(VisitEventKind kind, WatchedVisitor visitor, DateTimeOffset now) =>
        Tell(new VisitEvent(kind, now, visitor.Worker, visitor.Pid, visitor.View(withTrail: false)));

    private void Tell(VisitEvent happened)
    {
        if (_events.Count == MaxEvents)
        {
            _events.Dequeue();
        }

        _events.Enqueue(happened);
        _untold.Add(happened);
    }
}
