using System.IO.Pipelines;
using Starling.Messaging.Diagnostics;
using Starling.Protocol.Buffers;

namespace Starling.Messaging.Connections;

/// <summary>
/// What waits to be sent over one connection. Whoever finds nobody sending sends, for himself and for all who come meanwhile, so that
/// messages of many callers leave in one system call. Thread-safe. Owner: the connection.
/// </summary>
/// <param name="output">Where the bytes go; only the sending thread touches it.</param>
/// <param name="highWater">Bytes beyond which callers should wait.</param>
/// <param name="gauge">Watches the bytes.</param>
/// <param name="onFailed">Told once when nothing can be sent any more.</param>
internal sealed class SendQueue(PipeWriter output, int highWater, QueueGauge gauge, Action<Exception> onFailed)
{
    /// <summary>
    /// Bytes that are sent although the queue is corked: some messages share a system call, and the peer is at work on the first of many
    /// while the next are written. If it waited for all of them, the two would work in turns.
    /// </summary>
    private const int CorkedBytes = 1024;

    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private PooledBuffer _pending = new();
    private PooledBuffer _sending = new();
    private TaskCompletionSource? _drained;
    private int _corks;
    private bool _isSending;
    private bool _isClosed;

    /// <summary>Bytes that wait or are under way.</summary>
    public long QueuedBytes => _pending.Length + _sending.Length;

    public bool HasRoom => QueuedBytes < highWater;

    /// <summary>Appends a sealed frame. Frames are sent in the order of these calls; after the end they go nowhere.</summary>
    public void Send(OutgoingMessage message)
    {
        long queued;
        var isMine = false;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _pending.Write(message.Bytes);
            queued = QueuedBytes;
            if (!_isSending && (_corks == 0 || _pending.Length >= CorkedBytes))
            {
                isMine = _isSending = true;
            }
        }

        message.OnSent();
        gauge.Observe(queued);
        if (isMine)
        {
            _ = SendPendingAsync();
        }
        else if (queued > 8L * highWater)
        {
            Close(new IOException($"The peer reads too slowly: {queued} bytes are waiting for it."));
        }
    }

    /// <summary>Holds sending back until <see cref="Uncork"/>, so that the answers to many requests leave together.</summary>
    public void Cork() => Interlocked.Increment(ref _corks);

    public void Uncork()
    {
        if (Interlocked.Decrement(ref _corks) == 0)
        {
            Flush();
        }
    }

    /// <summary>Sends what waits, corked or not.</summary>
    public void Flush()
    {
        if (_pending.Length == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_isSending || _isClosed || _pending.Length == 0)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendPendingAsync();
    }

    /// <summary>Waits until less than the high-water mark is queued.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (!HasRoom)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                if (_isClosed || HasRoom)
                {
                    return;
                }

                _waiting.Add(room);
            }

            await room.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until everything is sent.</summary>
    public Task DrainAsync()
    {
        Task drained;
        lock (_gate)
        {
            if (_isClosed || (!_isSending && _pending.Length == 0))
            {
                return Task.CompletedTask;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
        }

        Flush();
        return drained;
    }

    /// <summary>Forgets what waits; nothing is sent any more.</summary>
    public void Close(Exception? reason = null)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            _pending.Dispose();
            Release();
        }

        if (reason is not null)
        {
            onFailed(reason);
        }
    }

    private async Task SendPendingAsync()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    _sending.Reset();
                    if (_isClosed || _pending.Length == 0)
                    {
                        _isSending = false;
                        Release();
                        return;
                    }

                    (_pending, _sending) = (_sending, _pending);
                }

                var result = await output.WriteAsync(_sending.WrittenMemory);
                if (result.IsCompleted)
                {
                    throw new IOException("The peer closed the connection.");
                }

                if (_waiting.Count > 0)
                {
                    lock (_gate)
                    {
                        Release();
                    }
                }
            }
        }
        catch (Exception e)
        {
            // The memory under way is left to the collector: the system may still read it.
            _sending = new PooledBuffer();
            Close(e);
        }
    }

    /// <summary>Wakes those who wait; under the lock.</summary>
    private void Release()
    {
        foreach (var room in _waiting)
        {
            room.TrySetResult();
        }

        _waiting.Clear();
        if (_isClosed || (!_isSending && _pending.Length == 0))
        {
            _drained?.TrySetResult();
            _drained = null;
        }
    }
}
