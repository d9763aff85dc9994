using Starling.Apps.LogReport.Counting;
using Starling.Messaging;

namespace Starling.Apps.LogReport.Running;

/// <summary>Serves one worker process. It ends with the connection; the piece that the worker had then goes back to the queue.</summary>
internal sealed class PieceDesk : IPieceDesk
{
    private const int InvalidRequest = -32600;
    private readonly Lock _gate = new();
    private readonly PieceQueue _queue;
    private Assignment? _current;
    private bool _isGone;

    public PieceDesk(PieceQueue queue, RpcConnection connection)
    {
        _queue = queue;
        _ = ReturnAsync(connection);
    }

    public async Task<Assignment?> NextAsync(CancellationToken cancellationToken)
    {
        var next = await _queue.TakeAsync(cancellationToken);
        lock (_gate)
        {
            if (next is null || (!_isGone && _current is null))
            {
                return _current = next;
            }
        }

        _queue.Return(next);
        throw new RpcException(InvalidRequest, "A worker reads one piece at a time.");
    }

    public async Task CompleteAsync(int id, long lines, string? failure, Stream report, CancellationToken cancellationToken)
    {
        // The whole report is there before anything of it counts.
        using var received = new MemoryStream();
        await report.CopyToAsync(received, cancellationToken);
        received.Position = 0;
        var read = PartialReport.Read(received);
        Assignment done;
        lock (_gate)
        {
            done = _current is { } current && current.Id == id
                ? current
                : throw new RpcException(InvalidRequest, $"Piece {id} is not this worker's.");
            _current = null;
        }

        _queue.Complete(done, lines, failure, read);
    }

    private async Task ReturnAsync(RpcConnection connection)
    {
        await connection.Completion;
        Assignment? left;
        lock (_gate)
        {
            _isGone = true;
            left = _current;
            _current = null;
        }

        if (left is not null)
        {
            _queue.Return(left);
        }
    }
}
