using System.Buffers;
using System.IO.Pipelines;
using Starling.Protocol.Buffers;
using Starling.Protocol.WebSockets;
using Starling.Server.Sessions;
using Starling.Server.Transports.Detaching;

namespace Starling.Server.Transports.WebSockets;

/// <summary>
/// One WebSocket (RFC 6455): a read loop that hands messages to its handler, and a send queue into which any thread writes. Made by
/// <see cref="WebSocketAcceptor"/>.
/// </summary>
/// <remarks>
/// Life time: that of <see cref="ServeAsync"/>, or of the connection where it outlives its request. An idle connection waits in a read of
/// the pipe and holds no buffer. While a message's handling waits (the application is busy), nothing is read, which slows down that client
/// alone. What is sent while a batch of messages is handled leaves together.
/// </remarks>
public sealed class WebSocketConnection
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly IDuplexPipe _connection;
    private readonly DetachableConnection? _detachable;
    private readonly SendQueue _queue;
    // Also the lock of the connection's end, so that an idle connection has no object more than it needs.
    private readonly MessageReader _reader;
    private readonly TimerWheel _wheel;
    private readonly Action? _abort;
    private readonly TimeSpan _pingInterval;
    private readonly int _compressionThreshold;
    private IWebSocketHandler? _handler;
    private WheelTimer? _timer;
    private volatile bool _heard = true;
    private volatile bool _isHandling;
    private volatile bool _closing;
    private volatile bool _readsOn;
    private bool _ended;

    internal WebSocketConnection(AcceptedWebSocket accepted, WebSocketAcceptorOptions options, TimerWheel wheel, Action abort)
    {
        _connection = accepted.Pipe;
        _detachable = _connection as DetachableConnection;
        Subprotocol = accepted.Subprotocol;
        _compressionThreshold = accepted.IsDeflated ? options.CompressionThreshold : int.MaxValue;
        _abort = _detachable is null ? abort : null;
        _wheel = wheel;
        _pingInterval = options.PingInterval;
        _reader = new MessageReader(options.MaxMessageBytes, accepted.IsDeflated ? PermessageDeflate.Decompress : null, options.OversizedHeadBytes);
        _queue = new SendQueue(_connection.Output, options.MaxSendQueueBytes, _detachable?.Flushes);
    }

    /// <summary>Whether the client has read all that was sent but for what fits into the connection's own buffers.</summary>
    public bool IsWritable => _queue.IsWritable;

    /// <summary>The subprotocol that was chosen, or null when there is none.</summary>
    public string? Subprotocol { get; }

    /// <summary>Whether the connection goes on after the request that became it has ended.</summary>
    internal bool IsDetachable => _detachable is not null;

    /// <summary>Sends a message. Any thread may call; messages leave in the order of the calls. Never blocks and never throws.</summary>
    /// <param name="payload">Its bytes, which are copied; UTF-8 if it is text.</param>
    /// <param name="opcode">Text or binary.</param>
    /// <returns>False when the connection is closed, or its client too slow; in that case the handler is told.</returns>
    public bool Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Text) => SendMessage(payload, opcode) == SendStatus.Sent;

    internal SendStatus SendMessage(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Text) =>
        payload.Length < _compressionThreshold ? WriteFrame(opcode, payload, isCompressed: false) : SendCompressed(payload, opcode);

    /// <summary>Completes when nothing waits for the client any more, or the connection is closed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The wait.</returns>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _queue.WaitForRoomAsync(cancellationToken);

    /// <summary>Sends a close frame and gives the client some seconds to answer it before the connection is cut.</summary>
    /// <param name="code">Why; <see cref="CloseCode.None"/> for an empty frame.</param>
    /// <param name="reason">An explanation, of which at most 123 bytes are sent.</param>
    public void Close(CloseCode code = CloseCode.Normal, string? reason = null)
    {
        lock (_reader)
        {
            if (_closing)
            {
                return;
            }

            _closing = true;
            CancelTimer();
            _timer = new WheelTimer(Abort);
            _wheel.Schedule(_timer, CloseTimeout);
        }

        Span<byte> frame = stackalloc byte[CloseFrame.MaxSize];
        _queue.Write(frame[..CloseFrame.Write(frame, code, reason)], [], isLast: true);
    }

    /// <summary>Sends a close frame, and goes on handling what the client sent before it saw that.</summary>
    internal void CloseAndReadOn()
    {
        _readsOn = true;
        Close(CloseCode.None);
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Abort()
    {
        // The request, and what can abort it, is gone once the read loop has returned.
        lock (_reader)
        {
            if (!_ended)
            {
                _detachable?.Abort();
                _abort?.Invoke();
            }
        }
    }

    /// <summary>
    /// Serves the WebSocket until it ends or, where the connection can outlive its request (<c>UseLeanWebSockets</c>), arranges for that
    /// and returns at once: nothing of the request may be used after this call.
    /// </summary>
    /// <param name="handler">Gets the messages.</param>
    /// <param name="start">Runs before the first message is read.</param>
    /// <returns>The end of what the request has to do.</returns>
    public Task ServeAsync(IWebSocketHandler handler, Action? start = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = handler;
        if (_detachable is null)
        {
            start?.Invoke();
            return RunAsync();
        }

        _detachable.Detach(() =>
        {
            start?.Invoke();
            return RunAsync();
        });
        return Task.CompletedTask;
    }

    /// <summary>Sends frames that are complete already.</summary>
    internal SendStatus SendFrames(ReadOnlySpan<byte> frames, bool isAnswer = false) => Write(frames, [], isAnswer);

    /// <summary>Reads until the connection ends and reports its end to the handler.</summary>
    private async Task RunAsync()
    {
        var end = default(WebSocketEnd?);
        StartPings();
        try
        {
            var input = _connection.Input;
            while (end is null)
            {
                end = await OnReadAsync(input, await input.ReadAsync(CancellationToken.None));
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The peer vanished; nothing more can be said to it.
        }
        catch (Exception exception) when (_detachable is not null)
        {
            _detachable.Report(exception);
        }
        finally
        {
            Finish(end ?? WebSocketEnd.Broken);
            var hasUnread = _reader.Error != CloseCode.None;
            if (_detachable is { } detachable)
            {
                while (_queue.IsSending)
                {
                    await Task.Yield();
                }

                await detachable.EndAsync(hasUnread);
            }
            else if (hasUnread)
            {
                await UnreadInput.DiscardAsync(_connection.Input, _wheel, CloseTimeout);
            }
        }
    }

    private void Finish(WebSocketEnd end)
    {
        lock (_reader)
        {
            _closing = true;
            _ended = true;
            CancelTimer();
        }

        _queue.Close();
        _reader.Dispose();
        try
        {
            _handler!.OnClosed(end);
        }
        catch (Exception exception) when (_detachable is not null)
        {
            _detachable.Report(exception);
        }
    }

    private void StartPings()
    {
        if (_pingInterval <= TimeSpan.Zero)
        {
            return;
        }

        lock (_reader)
        {
            if (!_closing)
            {
                _timer = new WheelTimer(Ping);
                _wheel.Schedule(_timer, _pingInterval);
            }
        }
    }

    private void Ping()
    {
        if (!_heard && !_isHandling)
        {
            Abort();
            return;
        }

        _heard = false;
        SendFrames([0x80 | (byte)Opcode.Ping, 0]);
        lock (_reader)
        {
            if (!_closing && _timer is { } timer)
            {
                _wheel.Schedule(timer, _pingInterval);
            }
        }
    }

    private void CancelTimer()
    {
        if (_timer is { } timer)
        {
            _wheel.Cancel(timer);
        }
    }

    /// <summary>Handles what was read. The end, if it was there, else null.</summary>
    private ValueTask<WebSocketEnd?> OnReadAsync(PipeReader input, in ReadResult read)
    {
        var buffer = read.Buffer;
        _heard = true;
        return HandleMessages(ref buffer, out var waiting, out var end) || end is not null
            ? FinishReadAsync(input, buffer, read.IsCompleted, waiting, end)
            : new ValueTask<WebSocketEnd?>(Advance(input, buffer, read.IsCompleted));
    }

    // Apart from the read loop, whose object lasts as long as the connection and is the smaller for it.
    private async ValueTask<WebSocketEnd?> FinishReadAsync(
        PipeReader input, ReadOnlySequence<byte> buffer, bool isCompleted, ValueTask waiting, WebSocketEnd? end)
    {
        bool isWaiting;
        do
        {
            await waiting;

            // What the client sent meanwhile was not read, its pongs neither.
            _isHandling = false;
            _heard = true;
            isWaiting = end is null && HandleMessages(ref buffer, out waiting, out end);
        }
        while (isWaiting);

        if (end is null)
        {
            return Advance(input, buffer, isCompleted);
        }

        input.AdvanceTo(buffer.Start);
        await _queue.WaitForRoomAsync(CancellationToken.None);
        return end;
    }

    private static WebSocketEnd? Advance(PipeReader input, in ReadOnlySequence<byte> buffer, bool isCompleted)
    {
        // An end in the middle of a frame, or without a close frame, is how a client's crash looks.
        var end = isCompleted ? (buffer.IsEmpty ? WebSocketEnd.Closed : WebSocketEnd.Broken) : default(WebSocketEnd?);
        input.AdvanceTo(buffer.Start, buffer.End);
        return end;
    }

    /// <summary>Handles message after message, until one's handling has to be waited for (then true), the end, or none is left.</summary>
    private bool HandleMessages(ref ReadOnlySequence<byte> buffer, out ValueTask waiting, out WebSocketEnd? end)
    {
        end = null;
        waiting = ValueTask.CompletedTask;
        _queue.Cork();
        try
        {
            while (end is null && _reader.Read(ref buffer, out var message) is var status && status != ReadStatus.Incomplete)
            {
                if (status == ReadStatus.Invalid)
                {
                    Close(_reader.Error);
                    end = WebSocketEnd.Broken;
                    return false;
                }

                waiting = status == ReadStatus.Oversized ? _handler!.OnOversizedAsync(message) : HandleAsync(message, out end);
                if (!waiting.IsCompletedSuccessfully)
                {
                    _isHandling = true;
                    return true;
                }

                if (_queue.IsBehind && end is null)
                {
                    waiting = WaitUntilReadAsync();
                    return true;
                }
            }

            return false;
        }
        finally
        {
            _queue.Uncork();
        }
    }

    private async ValueTask WaitUntilReadAsync()
    {
        await _queue.WaitForRoomAsync(CancellationToken.None);
        (_handler as IReadPauseHandler)?.OnReadAgain();
    }

    private ValueTask HandleAsync(in Message message, out WebSocketEnd? end)
    {
        end = null;
        switch (message.Opcode)
        {
            case Opcode.Text or Opcode.Binary when !_closing || _readsOn:
                return _handler!.OnMessageAsync(message);
            case Opcode.Ping:
                WriteFrame(Opcode.Pong, message.Payload.Span, isCompressed: false);
                return ValueTask.CompletedTask;
            case Opcode.Close:
                Close((CloseCode)(message.Payload.IsEmpty ? 0 : (message.Payload.Span[0] << 8) | message.Payload.Span[1]));
                end = WebSocketEnd.Closed;
                return ValueTask.CompletedTask;
            default:
                return ValueTask.CompletedTask;
        }
    }

    private SendStatus SendCompressed(ReadOnlySpan<byte> payload, Opcode opcode)
    {
        if (_closing)
        {
            return SendStatus.Closed;
        }

        using var buffer = new PooledBuffer();
        PermessageDeflate.Compress(payload, buffer);
        return WriteFrame(opcode, buffer.Written, isCompressed: true);
    }

    private SendStatus WriteFrame(Opcode opcode, ReadOnlySpan<byte> payload, bool isCompressed)
    {
        Span<byte> header = stackalloc byte[FrameHeader.MaxUnmaskedSize];
        return Write(header[..FrameHeader.Write(header, opcode, payload.Length, isCompressed)], payload);
    }

    private SendStatus Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, bool isAnswer = false)
    {
        if (_closing)
        {
            return SendStatus.Closed;
        }

        var status = _queue.Write(head, body, isAnswer: isAnswer);
        if (status == SendStatus.Full)
        {
            _handler?.OnSlowClient();
        }

        return status;
    }
}
