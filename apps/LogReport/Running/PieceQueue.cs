using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Running;

/// <summary>The pieces of a run by processes: which wait, which are being read, and what those that are done amount to. Thread-safe.</summary>
internal sealed class PieceQueue
{
    // A piece that so many workers did not survive is the cause of it.
    private const int MaxAttempts = 4;
    private const long SmallestPiece = 1024 * 1024;
    private const long LargestPiece = 64 * 1024 * 1024;
    private const int PiecesPerWorker = 8;

    private readonly Lock _gate = new();
    private readonly RunContext _context;
    private readonly Assignment[] _assignments;
    private readonly int[] _attempts;
    private readonly Queue<int> _waiting = new();
    private readonly PartialReport _report = new();
    private readonly TaskCompletionSource<PartialReport> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;

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

    /// <summary>Takes a piece that waits; waits itself as long as one that is being read might come back.</summary>
    public async Task<Assignment?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_left == 0)
                {
                    return null;
                }

                if (_waiting.TryDequeue(out var id))
                {
                    _attempts[id]++;
                    return _assignments[id];
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Counts what was read of a piece; whoever calls has taken it and calls once.</summary>
    public void Complete(Assignment assignment, long lines, string? failure, PartialReport report)
    {
        var source = _context.Sources[assignment.Source];
        source.Lines.Set(assignment.Piece, lines);
        _context.Read(assignment.IsStream ? source.Length : assignment.End - assignment.Start);
        if (failure is not null)
        {
            _context.Fail(source, new SourceException(failure));
        }

        lock (_gate)
        {
            _report.Merge(report);
            _left--;
            CompleteIfDone();
        }
    }

    /// <summary>Gives a piece back that its worker will not finish.</summary>
    public void Return(Assignment assignment)
    {
        lock (_gate)
        {
            if (_attempts[assignment.Id] < MaxAttempts)
            {
                _waiting.Enqueue(assignment.Id);
                Changed();
                return;
            }

            _context.Fail(
                _context.Sources[assignment.Source],
                new SourceException($"{MaxAttempts} workers ended while they read it at byte {assignment.Start}; that part is not in the report."));
            _left--;
            CompleteIfDone();
        }
    }

    /// <summary>Ends the run: there is nobody to read.</summary>
    public void Fail(Exception reason) => _completion.TrySetException(reason);

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

    private void CompleteIfDone()
    {
        if (_left == 0)
        {
            _completion.TrySetResult(_report);
            Changed();
        }
    }

    private void Changed()
    {
        _changed.SetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
