using System.IO.Pipelines;
using Starling.Protocol.Buffers;

namespace Starling.Server.Sessions;

/// <summary>
/// The bytes on their way to one client. Writes go straight into the connection's pipe; once the pipe is full because the client does not
/// read, they wait in a backlog of at most <c>maxBacklog</c> bytes.
/// </summary>
/// <remarks>
/// Owner: one WebSocket connection. Any thread may write; the lock is held for a copy and a flush that does not wait. While the read loop
/// holds a cork, what is written is flushed when it lets go, so that the answers to many messages leave in one packet.
/// </remarks>
/// <param name="output">The connection.</param>
/// <param name="maxBacklog">The most bytes of the backlog.</param>
/// <param name="flushes">Flushes what is written outside of a cork, where flushing is a system call; null to flush at once.</param>
internal sealed class SendQueue(PipeWriter output, int maxBacklog, FlushQueue? flushes = null)
{
    private const int FlushChunk = 64 * 1024;

    private PooledBuffer? _backlog;
    private int _backlogSent;
    private TaskCompletionSource? _room;
    private bool _corked;
    private bool _unflushed;
    private bool _willFlush;
    private volatile bool _waiting;
    private bool _closed;

    /// <summary>Whether the client has read all but what fits into the pipe.</summary>
    public bool IsWritable => !_waiting;

    /// <summary>Bytes that wait because the client does not read.</summary>
    public int Backlog => _backlog is { } backlog ? backlog.Length - _backlogSent : 0;

    /// <summary>Queues bytes, all or none.</summary>
    public SendStatus Write(ReadOnlySpan<byte> bytes) => Write(bytes, []);

    /// <summary>Queues the bytes of both parts, all or none.</summary>
    public SendStatus Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        lock (this)
        {
            if (_closed)
            {
                return SendStatus.Closed;
            }

            if (_waiting)
            {
                return WriteBacklog(head, body);
            }

            Copy(head);
            Copy(body);
            _unflushed = true;
            if (!_corked)
            {
                FlushSoon();
            }

            return SendStatus.Sent;
        }
    }

    /// <summary>Holds back flushes until <see cref="Uncork"/>.</summary>
    public void Cork()
    {
        lock (this)
        {
            _corked = true;
        }
    }

    /// <summary>Flushes what was written since <see cref="Cork"/>.</summary>
    public void Uncork()
    {
        lock (this)
        {
            _corked = false;
            if (_unflushed && !_waiting && !_closed)
            {
                Flush();
            }
        }
    }

    /// <summary>Flushes what was written, unless a cork holds it back. For the flush queue.</summary>
    public void FlushNow()
    {
        lock (this)
        {
            _willFlush = false;
            if (_unflushed && !_corked && !_waiting && !_closed)
            {
                Flush();
            }
        }
    }

    /// <summary>Completes when the backlog is gone, or the queue is closed.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (this)
        {
            if (!_waiting || _closed)
            {
                return ValueTask.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Refuses further writes and drops the backlog.</summary>
    public void Close()
    {
        lock (this)
        {
            _closed = true;
            DropBacklog();
        }
    }

    private SendStatus WriteBacklog(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        if (Backlog + head.Length + body.Length > maxBacklog)
        {
            return SendStatus.Full;
        }

        _backlog ??= new PooledBuffer();
        _backlog.Write(head);
        _backlog.Write(body);
        return SendStatus.Sent;
    }

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var span = output.GetSpan();
        if (bytes.Length <= span.Length)
        {
            bytes.CopyTo(span);
            output.Advance(bytes.Length);
            return;
        }

        System.Buffers.BuffersExtensions.Write(output, bytes);
    }

    private void FlushSoon()
    {
        if (flushes is null)
        {
            Flush();
        }
        else if (!_willFlush)
        {
            _willFlush = true;
            flushes.Add(this);
        }
    }

    // Under the lock.
    private void Flush()
    {
        _unflushed = false;
        var flush = output.FlushAsync(CancellationToken.None);
        if (flush.IsCompletedSuccessfully)
        {
            _closed |= flush.Result.IsCompleted;
            return;
        }

        _waiting = true;
        _ = FinishFlushAsync(flush);
    }

    private async Task FinishFlushAsync(ValueTask<FlushResult> flush)
    {
        while (true)
        {
            var gone = await IsGoneAsync(flush);
            lock (this)
            {
                _closed |= gone;
                if (_closed || (Backlog == 0 && !_unflushed))
                {
                    DropBacklog();
                    return;
                }

                MoveBacklog();
                _unflushed = false;
                flush = output.FlushAsync(CancellationToken.None);
            }
        }
    }

    private static async ValueTask<bool> IsGoneAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            return (await flush).IsCompleted;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The connection broke; its read loop sees the same and reports it.
            return true;
        }
    }

    private void MoveBacklog()
    {
        if (_backlog is not { } backlog)
        {
            return;
        }

        var chunk = backlog.Written[_backlogSent..];
        chunk = chunk[..Math.Min(chunk.Length, FlushChunk)];
        Copy(chunk);
        _backlogSent += chunk.Length;
        if (_backlogSent == backlog.Length)
        {
            backlog.Dispose();
            _backlogSent = 0;
        }
        else if (_backlogSent >= maxBacklog)
        {
            Compact(backlog);
        }
    }

    // What was sent stays in front of what was not; without this a queue that never empties would grow without end.
    private void Compact(PooledBuffer backlog)
    {
        var rest = new PooledBuffer();
        rest.Write(backlog.Written[_backlogSent..]);
        backlog.Dispose();
        _backlog = rest;
        _backlogSent = 0;
    }

    private void DropBacklog()
    {
        _waiting = false;
        _backlog?.Dispose();
        _backlog = null;
        _backlogSent = 0;
        _room?.TrySetResult();
        _room = null;
    }
}
