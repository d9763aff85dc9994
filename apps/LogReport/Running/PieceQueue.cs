using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Running;

/// <summary>
/// The pieces of a run by processes: which wait, which are being read, which have been read by a worker that still holds their counts, and what those that
/// have been handed in amount to. Thread-safe; its callers have threads of their own, which wait here.
/// </summary>
internal sealed class PieceQueue
{
    // A piece that so many workers did not survive is the cause of it.
    private const int MaxAttempts = 4;
    private const long SmallestPiece = 1024 * 1024;
    private const long LargestPiece = 32 * 1024 * 1024;
    private const int PiecesPerWorker = 16;

    // What is lost at most when a worker ends: with fewer reports there is less to merge, with more there is less to read again.
    private const long MostHeldBytes = 1024 * 1024 * 1024;

    private readonly object _gate = new();
    private readonly RunContext _context;
    private readonly Assignment[] _assignments;
    private readonly int[] _attempts;
    private readonly Queue<int> _waiting = new();
    private readonly PartialReport _report = new();
    private readonly TaskCompletionSource<PartialReport> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;
    private bool _isStopped;

    public PieceQueue(RunContext context)
    {
        _context = context;
        _assignments = [.. Plan(context)];
        _attempts = new int[_assignments.Length];
        _left = _assignments.Length;
        foreach (var assignment in _assignments)
        {
            _waiting.Enqueue(assignment.Id);
        }

        CompleteIfDone();
    }

    /// <summary>The report of all pieces, when all are done.</summary>
    public Task<PartialReport> Completion => _completion.Task;

    /// <summary>How many pieces there are.</summary>
    public int Count => _assignments.Length;

    /// <summary>Says what a worker is to do next; waits as long as a piece that another reads or holds might come back.</summary>
    /// <returns><see cref="WorkerMessage.Read"/> of what has become the worker's current piece, <see cref="WorkerMessage.HandIn"/> or <see cref="WorkerMessage.End"/>.</returns>
    public WorkerMessage Next(HeldPieces held)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_isStopped || _left == 0)
                {
                    return WorkerMessage.End;
                }

                if (held.FinishedBytes < MostHeldBytes && _waiting.TryDequeue(out var id))
                {
                    _attempts[id]++;
                    held.Current = _assignments[id];
                    return WorkerMessage.Read;
                }

                if (held.Finished.Count > 0)
                {
                    return WorkerMessage.HandIn;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Notes that a worker has read its current piece and holds the counts.</summary>
    public void Finish(HeldPieces held, long lines, string failure)
    {
        lock (_gate)
        {
            var done = held.Current!;
            held.Current = null;
            held.Finished.Add(new FinishedPiece(done, lines, failure));
            held.FinishedBytes += SizeOf(done);
            _context.Read(SizeOf(done));
        }
    }

    /// <summary>Counts what a worker held and has handed in, whole.</summary>
    public void Complete(HeldPieces held, PartialReport report)
    {
        lock (_gate)
        {
            foreach (var (assignment, lines, failure) in held.Finished)
            {
                var source = _context.Sources[assignment.Source];
                source.Lines.Set(assignment.Piece, lines);
                if (failure.Length > 0)
                {
                    _context.Fail(source, new SourceException(failure));
                }
            }

            _report.Merge(report);
            _left -= held.Finished.Count;
            held.Finished.Clear();
            held.FinishedBytes = 0;
            CompleteIfDone();
        }
    }

    /// <summary>Takes back what a worker has that is gone.</summary>
    public void Return(HeldPieces held)
    {
        lock (_gate)
        {
            foreach (var (assignment, _, _) in held.Finished)
            {
                // It survived these, so they are not why it ended.
                _attempts[assignment.Id]--;
                _waiting.Enqueue(assignment.Id);
                _context.Read(-SizeOf(assignment));
            }

            if (held.Current is { } current)
            {
                if (_attempts[current.Id] < MaxAttempts)
                {
                    _waiting.Enqueue(current.Id);
                }
                else
                {
                    _context.Fail(
                        _context.Sources[current.Source],
                        new SourceException($"{MaxAttempts} workers ended while they read it at byte {current.Start}; that part is not in the report."));
                    _left--;
                    CompleteIfDone();
                }
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends the run: there is nobody to read.</summary>
    public void Fail(Exception reason) => _completion.TrySetException(reason);

    /// <summary>Lets all that wait here go.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private static IEnumerable<Assignment> Plan(RunContext context)
    {
        var size = Math.Clamp(context.Sources.Where(source => source.IsSplittable).Sum(source => source.Length) / (context.Workers * PiecesPerWorker), SmallestPiece, LargestPiece);
        var id = 0;
        foreach (var source in context.Sources.Where(source => source.IsRepeatable))
        {
            if (!source.IsSplittable)
            {
                yield return new Assignment(id++, source.Index, source.PathForOthers, 0, 0, -1, source.Format, context.Settings);
                continue;
            }

            foreach (var piece in FilePiece.Split(source, size))
            {
                yield return new Assignment(id++, source.Index, source.PathForOthers, piece.Index, piece.Start, piece.End, source.Format, context.Settings);
            }
        }
    }

    private long SizeOf(Assignment assignment) => assignment.IsStream ? _context.Sources[assignment.Source].Length : assignment.End - assignment.Start;

    private void CompleteIfDone()
    {
        if (_left == 0)
        {
            _completion.TrySetResult(_report);
            Monitor.PulseAll(_gate);
        }
    }
}
