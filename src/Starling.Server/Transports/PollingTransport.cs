using Microsoft.AspNetCore.Http;
using Starling.Protocol.Buffers;
using Starling.Protocol.EngineIo;
using Starling.Server.Sessions;

namespace Starling.Server.Transports;

/// <summary>
/// HTTP long polling: packets wait in a payload until a GET takes them all; a POST brings the client's packets. While an answer is being
/// written the next GET waits, so that a client that opens GETs and reads nothing has one answer and one payload in memory.
/// </summary>
/// <remarks>
/// Life time: from the handshake until the session ends or has moved to a WebSocket. Thread-safe; its lock is never held while
/// the session's code or a response runs.
/// </remarks>
internal sealed class PollingTransport(PollingFormat format, TransportSettings settings) : ITransport
{
    private readonly Lock _gate = new();
    private readonly PollingPayload _payload = new();
    private TaskCompletionSource? _waitingGet;
    private TaskCompletionSource? _room;
    private bool _posting;
    private bool _responding;
    private bool _closeQueued;
    private bool _closeFollows;
    private bool _finished;

    public string Name => TransportNames.Polling;

    public bool IsWritable
    {
        get
        {
            lock (_gate)
            {
                return _waitingGet is not null && _payload.IsEmpty;
            }
        }
    }

    /// <summary>What became of a GET or POST.</summary>
    internal enum Outcome
    {
        Done,
        Overlap,
        Aborted,
        Malformed,
        TooLarge,
        WrongContentType,
    }

    /// <summary>
    /// Whether the client is so far behind that no more should be read from it: more than half of the limit waits. Its own requests,
    /// whose answers it does not fetch, must neither fill the memory nor get it disconnected.
    /// </summary>
    public bool IsBehind
    {
        get
        {
            lock (_gate)
            {
                return IsOpen && _payload.Size > settings.MaxSendQueueBytes / 2;
            }
        }
    }

    /// <summary>Bytes that wait for a GET.</summary>
    public long Waiting
    {
        get
        {
            lock (_gate)
            {
                return _payload.Size;
            }
        }
    }

    private bool IsOpen => !_finished && !_closeQueued;

    public SendStatus Send(OutgoingMessage message)
    {
        lock (_gate)
        {
            var size = PollingPayload.SizeOf(message);
            if (Refusal(size) is { } refusal)
            {
                return refusal;
            }

            _payload.Add(message);
            Release();
            return SendStatus.Sent;
        }
    }

    public SendStatus SendPacket(PacketType type, ReadOnlySpan<byte> data = default)
    {
        lock (_gate)
        {
            // Pings of the server are one at a time, but pongs are as many as the client's pings (protocol 3).
            if (Refusal(type == PacketType.Pong ? PollingPayload.SizeOfText(data.Length) : 0) is { } refusal)
            {
                return refusal;
            }

            _payload.Add(type, data);
            Release();
            return SendStatus.Sent;
        }
    }

    /// <summary>Answers a waiting GET with a noop, so that the client can stop polling.</summary>
    public void ReleasePoll()
    {
        lock (_gate)
        {
            if (_waitingGet is not null && _payload.IsEmpty)
            {
                _payload.Add(PacketType.Noop, []);
                Release();
            }
        }
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (HasRoom)
            {
                return ValueTask.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>
    /// Queues a close packet behind what is queued: the waiting GET, or the next one, takes it. Never together with messages: the official
    /// client reads a close at once and messages a moment later, and would neither handle those nor count them as received.
    /// </summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_finished || _closeQueued)
            {
                return;
            }

            _closeQueued = true;
            _closeFollows = !_payload.IsEmpty;
            if (!_closeFollows)
            {
                _payload.Add(PacketType.Close, []);
            }

            Release();
            ReportRoom();
        }
    }

    /// <summary>
    /// Takes nothing more and answers the waiting GET, or one that was sent together with the client's last POST and comes a moment later:
    /// the client has said that it leaves.
    /// </summary>
    public void Finish()
    {
        lock (_gate)
        {
            if (_payload.IsEmpty)
            {
                _payload.Add(PacketType.Noop, []);
                Release();
            }

            _closeQueued = true;
            ReportRoom();
        }
    }

    /// <summary>Whether a client has still to fetch the last packets.</summary>
    public bool HasUnsentEnd
    {
        get
        {
            lock (_gate)
            {
                return _closeQueued && !_payload.IsEmpty && !_finished;
            }
        }
    }

    /// <summary>Ends the transport and moves what is queued to the WebSocket that takes over.</summary>
    public void MoveTo(WebSocketTransport successor)
    {
        lock (_gate)
        {
            _finished = true;
            _payload.MoveTo(successor);
            _waitingGet?.TrySetResult();
            ReportRoom();
        }
    }

    /// <summary>Answers a GET: at once when packets are queued, else when the first is.</summary>
    public async Task<Outcome> GetAsync(HttpContext context)
    {
        TaskCompletionSource? waiting = null;
        lock (_gate)
        {
            if (_waitingGet is not null)
            {
                return Outcome.Overlap;
            }

            if ((_payload.IsEmpty || _responding) && !_finished)
            {
                _waitingGet = waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (waiting is not null && !await WaitAsync(waiting.Task, context.RequestAborted))
        {
            // It keeps its place: a GET that comes before the session has ended is one too many.
            return Outcome.Aborted;
        }

        using var body = new PooledBuffer();
        bool isBinary;
        lock (_gate)
        {
            _waitingGet = null;
            if (_payload.IsEmpty)
            {
                // The session moved to a WebSocket while this GET waited.
                _payload.Add(PacketType.Noop, []);
            }

            isBinary = _payload.Take(body, format);
            if (_closeFollows)
            {
                _closeFollows = false;
                _payload.Add(PacketType.Close, []);
            }

            _responding = true;
        }

        try
        {
            return await PollingResponse.WriteAsync(context, body.WrittenMemory, isBinary, settings.HttpCompressionThreshold)
                ? Outcome.Done : Outcome.Aborted;
        }
        finally
        {
            lock (_gate)
            {
                _responding = false;
                if (!_payload.IsEmpty)
                {
                    Release();
                }

                ReportRoom();
            }
        }
    }

    /// <summary>Reads the packets of a POST and hands them to <paramref name="receive"/> one after the other.</summary>
    public async Task<Outcome> PostAsync(HttpContext context, Func<Packet, ValueTask> receive)
    {
        lock (_gate)
        {
            if (_posting)
            {
                return Outcome.Overlap;
            }

            _posting = true;
        }

        try
        {
            return await PollingRequest.ReadAsync(context, format, settings.MaxPayload, receive);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return Outcome.Aborted;
        }
        finally
        {
            lock (_gate)
            {
                _posting = false;
            }
        }
    }

    private static async ValueTask<bool> WaitAsync(Task released, CancellationToken aborted)
    {
        try
        {
            await released.WaitAsync(aborted);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private SendStatus? Refusal(long size) =>
        !IsOpen ? SendStatus.Closed
        : size > 0 && !SendLimit.Fits(_payload.Size, size, Math.Max(_payload.LargestSize, size), settings.MaxSendQueueBytes) ? SendStatus.Full
        : null;

    private bool HasRoom => !IsOpen || (_payload.IsEmpty && !_responding);

    private void ReportRoom()
    {
        if (HasRoom)
        {
            _room?.TrySetResult();
            _room = null;
        }
    }

    private void Release()
    {
        if (!_responding)
        {
            _waitingGet?.TrySetResult();
        }
    }
}
