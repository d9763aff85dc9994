using System.IO.Pipelines;
using Starling.Protocol.Buffers;
using Starling.Server.Transports.Detaching;

namespace Starling.Server.Sessions;

/// <summary>
/// The bytes on their way to one client. Writes go straight into the connection's pipe; once the pipe is full because the client does not
/// read, they wait in a backlog of at most <c>maxBacklog</c> bytes. One message larger than that may wait in addition: a limit on what
/// waits must not be a limit on the size of a message.
/// </summary>
/// <remarks>
/// Owner: one WebSocket connection. Any thread may write; the lock, on the queue itself, is held for a copy and a flush that does not wait.
/// The flush queue takes the bytes under the lock and sends them outside of it. While the read loop
/// holds a cork, writes are flushed when it lets go, so that the answers to many messages leave in one packet; or when
/// <see cref="FlushChunk"/> bytes are there, so that the pipe never holds more than that and one message.
/// </remarks>
/// <param name="output">The connection.</param>
/// <param name="maxBacklog">The most bytes of the backlog, apart from one message that is larger.</param>
/// <param name="flushes">Flushes what is written outside of a cork, where flushing is a system call; null to flush at once.</param>
internal sealed class SendQueue(PipeWriter output, int maxBacklog, FlushQueue? flushes = null) : IFlushable
{
    /// <summary>So many bytes are flushed without waiting for the end of a cork, and moved from the backlog at a time.</summary>
    internal const int FlushChunk = 64 * 1024;

    private PooledBuffer? _backlog;
    private int _backlogSent;
    private int _largestWaiting;
    private long _unflushed;
    private long _othersBefore;
    private TaskCompletionSource? _room;
    private bool _corked;
    private bool _willFlush;
    private bool _sending;
    private volatile bool _waiting;
    private bool _closed;

    /// <summary>Whether the client has read all but what fits into the pipe.</summary>
    public bool IsWritable => !_waiting;

    /// <summary>Whether the flush queue is just now handing bytes to the system; after <see cref="Close"/> that ends soon, for good.</summary>
    public bool IsSending => Volatile.Read(ref _sending);

    /// <summary>Bytes that wait because the client does not read.</summary>
    public int Backlog
    {
        get
        {
            lock (this)
            {
                return Waiting;
            }
        }
    }

    /// <summary>
    /// Whether the client is so far behind that no more should be read from it: more than half of the limit waits. Its own requests,
    /// whose answers it does not read, must neither fill the memory nor get it disconnected.
    /// </summary>
    public bool IsBehind => _waiting && Backlog > maxBacklog / 2;

    private int Waiting => _backlog is { } backlog ? backlog.Length - _backlogSent : 0;

    /// <summary>Queues bytes, all or none.</summary>
    public SendStatus Write(ReadOnlySpan<byte> bytes) => Write(bytes, []);

    /// <summary>Queues the bytes of both parts, all or none.</summary>
    /// <param name="head">The first part.</param>
    /// <param name="body">The second part.</param>
    /// <param name="isLast">Whether this is the close frame, which is small and is queued however much waits.</param>
    /// <param name="isAnswer">Whether to flush behind what was written to others before.</param>
    public SendStatus Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, bool isLast = false, bool isAnswer = false)
    {
        var status = Write(head, body, isLast, isAnswer && flushes is not null, out var flushesBehind);
        if (flushesBehind)
        {
            flushes!.AddBehindAll(this);
        }

        return status;
    }

    private SendStatus Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, bool isLast, bool isAnswer, out bool flushesBehind)
    {
        flushesBehind = false;
        lock (this)
        {
            if (_unflushed >= FlushChunk && !_waiting && !_sending && !_closed)
            {
                Flush();
            }

            if (_closed)
            {
                return SendStatus.Closed;
            }

            if (_waiting || Waiting > 0 || _unflushed >= FlushChunk)
            {
                return WriteBacklog(head, body, isLast);
            }

            Copy(head);
            Copy(body);
            _unflushed += head.Length + body.Length;
            if (_corked)
            {
                return SendStatus.Sent;
            }

            if (isAnswer && !_willFlush)
            {
                flushesBehind = true;
                _willFlush = true;
            }
            else
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
            _othersBefore = FlushQueue.WritesOfThread;
        }
    }

    /// <summary>
    /// Flushes what was written since <see cref="Cork"/>: behind what the same thread has written to others meanwhile, since a client that
    /// has its answer may count on its request having reached them; see <see cref="FlushQueue.MostWaitedFor"/>.
    /// </summary>
    public void Uncork()
    {
        var others = FlushQueue.WritesOfThread - _othersBefore;
        lock (this)
        {
            _corked = false;
            if (_unflushed == 0 || _waiting || _closed || _sending)
            {
                return;
            }

            if (flushes is null || others is 0 or > FlushQueue.MostWaitedFor)
            {
                Flush();
                return;
            }
        }

        flushes.AddBehindAll(this);
    }

    /// <summary>Flushes what was written, unless a cork holds it back. For the flush queue.</summary>
    public void FlushNow()
    {
        lock (this)
        {
            _willFlush = false;
            if (_unflushed == 0 || _corked || _waiting || _closed || _sending)
            {
                return;
            }

            if (output is not SocketWriter)
            {
                Flush();
                return;
            }

            _sending = true;
        }

        SendTaken((SocketWriter)output);
    }

    // The system call is outside of the lock: whoever writes meanwhile, to all clients mostly, must not wait for one of them.
    private void SendTaken(SocketWriter writer)
    {
        var rest = default(Task);
        while (true)
        {
            ArraySegment<byte> taken;
            lock (this)
            {
                if (rest is not null)
                {
                    _sending = false;
                    _waiting = true;
                    _ = FinishFlushAsync(writer.WaitAsync(rest));
                    return;
                }

                if (_closed || (Waiting == 0 && (_unflushed == 0 || _corked)))
                {
                    _sending = false;
                    return;
                }

                // Bytes that came faster than the system took the former ones.
                MoveBacklog();
                _unflushed = 0;
                taken = writer.Take();
            }

            rest = writer.Send(taken);
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

    private SendStatus WriteBacklog(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, bool isLast)
    {
        var length = head.Length + body.Length;
        if (!isLast && !SendLimit.Fits(Waiting, length, Math.Max(_largestWaiting, length), maxBacklog))
        {
            return SendStatus.Full;
        }

        _largestWaiting = Math.Max(_largestWaiting, length);
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
        else
        {
            FlushQueue.CountWrite();
            if (!_willFlush)
            {
                _willFlush = true;
                flushes.Add(this);
            }
        }
    }

    // Under the lock.
    private void Flush()
    {
        _unflushed = 0;
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
                if (_closed || (Waiting == 0 && _unflushed == 0))
                {
                    DropBacklog();
                    return;
                }

                MoveBacklog();
                _unflushed = 0;
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
            _largestWaiting = 0;
        }
        else if (_backlogSent >= Math.Max(FlushChunk, backlog.Length / 2))
        {
            Compact(backlog);
        }
    }

    // Sent bytes stay in front of unsent ones: at most as many, so that the memory is at most twice what waits.
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
        _largestWaiting = 0;
        _room?.TrySetResult();
        _room = null;
    }
}
