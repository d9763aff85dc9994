using System.IO.Pipelines;
using System.Text;
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
    private readonly MessageReader _reader;
    private readonly TimerWheel _wheel;
    private readonly Action _abort;
    private readonly TimeSpan _pingInterval;
    private readonly Lock _ending = new();
    private IWebSocketHandler? _handler;
    private WheelTimer? _timer;
    private volatile bool _heard = true;
    private volatile bool _closing;
    private bool _ended;

    internal WebSocketConnection(
        IDuplexPipe connection, WebSocketOptions options, TimerWheel wheel, MessageInflater? inflate, Action abort)
    {
        _detachable = connection as DetachableConnection;
        _connection = connection;
        _abort = _detachable is null ? abort : _detachable.Abort;
        _wheel = wheel;
        _pingInterval = options.PingInterval;
        _reader = new MessageReader(options.MaxMessageBytes, inflate);
        _queue = new SendQueue(_connection.Output, options.MaxSendQueueBytes, _detachable?.Flushes);
    }

    /// <summary>Whether the client has read all that was sent but for what fits into the connection's own buffers.</summary>
    public bool IsWritable => _queue.IsWritable;

    /// <summary>Whether the connection goes on after the request that became it has ended.</summary>
    internal bool IsDetachable => _detachable is not null;

    /// <summary>Sends a message. Any thread may call; messages leave in the order of the calls. Never blocks and never throws.</summary>
    /// <param name="payload">Its bytes, which are copied; UTF-8 if it is text.</param>
    /// <param name="opcode">Text or binary.</param>
    /// <returns>False when the connection is closed, or its client too slow; in that case the handler is told.</returns>
    public bool Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Text)
    {
        Span<byte> header = stackalloc byte[FrameHeader.MaxUnmaskedSize];
        return Write(header[..FrameHeader.Write(header, opcode, payload.Length)], payload);
    }

    /// <summary>Completes when nothing waits for the client any more, or the connection is closed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The wait.</returns>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _queue.WaitForRoomAsync(cancellationToken);

    /// <summary>Sends a close frame and gives the client some seconds to answer it before the connection is cut.</summary>
    /// <param name="code">Why; <see cref="CloseCode.None"/> for an empty frame.</param>
    /// <param name="reason">An explanation, of which at most 123 bytes are sent.</param>
    public void Close(CloseCode code = CloseCode.Normal, string? reason = null)
    {
        lock (_ending)
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

        Span<byte> payload = stackalloc byte[125];
        var length = 0;
        if (code != CloseCode.None)
        {
            payload[length++] = (byte)((ushort)code >> 8);
            payload[length++] = (byte)code;
            Encoding.UTF8.GetEncoder().Convert(reason, payload[2..], flush: true, out _, out var bytes, out _);
            length += bytes;
        }

        Span<byte> header = stackalloc byte[FrameHeader.MaxUnmaskedSize];
        _queue.Write(header[..FrameHeader.Write(header, Opcode.Close, length)], payload[..length]);
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Abort()
    {
        // The request, and what can abort it, is gone once the read loop has returned.
        lock (_ending)
        {
            if (!_ended)
            {
                _abort();
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
    internal bool SendFrames(ReadOnlySpan<byte> frames) => Write(frames, []);

    /// <summary>Reads until the connection ends and reports its end to the handler.</summary>
    private async Task RunAsync()
    {
        var end = WebSocketEnd.Broken;
        StartPings();
        try
        {
            end = await ReadAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The peer vanished; nothing more can be said to it.
        }
        finally
        {
            End();
            _queue.Close();
            _handler!.OnClosed(end);
            _reader.Dispose();
        }
    }

    private void StartPings()
    {
        if (_pingInterval <= TimeSpan.Zero)
        {
            return;
        }

        lock (_ending)
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
        if (!_heard)
        {
            Abort();
            return;
        }

        _heard = false;
        SendFrames([0x80 | (byte)Opcode.Ping, 0]);
        lock (_ending)
        {
            if (!_closing && _timer is { } timer)
            {
                _wheel.Schedule(timer, _pingInterval);
            }
        }
    }

    private void End()
    {
        lock (_ending)
        {
            _closing = true;
            _ended = true;
            CancelTimer();
        }
    }

    private void CancelTimer()
    {
        if (_timer is { } timer)
        {
            _wheel.Cancel(timer);
        }
    }

    private async ValueTask<WebSocketEnd> ReadAsync()
    {
        var input = _connection.Input;
        while (true)
        {
            var result = await input.ReadAsync(CancellationToken.None);
            var buffer = result.Buffer;
            var end = default(WebSocketEnd?);
            _heard = true;
            _queue.Cork();
            try
            {
                while (end is null && _reader.Read(ref buffer, out var message) is var status && status != ReadStatus.Incomplete)
                {
                    if (status == ReadStatus.Invalid)
                    {
                        Close(_reader.Error);
                        end = WebSocketEnd.Broken;
                        break;
                    }

                    var handling = HandleAsync(message, out end);
                    if (!handling.IsCompletedSuccessfully)
                    {
                        _queue.Uncork();
                        await handling;
                        _queue.Cork();
                    }
                }
            }
            finally
            {
                _queue.Uncork();
            }

            if (end is { } reason)
            {
                input.AdvanceTo(buffer.Start);
                await _queue.WaitForRoomAsync(CancellationToken.None);
                return reason;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                // An end in the middle of a frame, or without a close frame, is how a client's crash looks.
                return buffer.IsEmpty ? WebSocketEnd.Closed : WebSocketEnd.Broken;
            }
        }
    }

    private ValueTask HandleAsync(in Message message, out WebSocketEnd? end)
    {
        end = null;
        switch (message.Opcode)
        {
            case Opcode.Text or Opcode.Binary when !_closing:
                return _handler!.OnMessageAsync(message);
            case Opcode.Ping:
                WritePong(message.Payload.Span);
                return ValueTask.CompletedTask;
            case Opcode.Close:
                Close((CloseCode)(message.Payload.IsEmpty ? 0 : (message.Payload.Span[0] << 8) | message.Payload.Span[1]));
                end = WebSocketEnd.Closed;
                return ValueTask.CompletedTask;
            default:
                return ValueTask.CompletedTask;
        }
    }

    private void WritePong(ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[FrameHeader.MaxUnmaskedSize];
        Write(header[..FrameHeader.Write(header, Opcode.Pong, payload.Length)], payload);
    }

    private bool Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        if (_closing)
        {
            return false;
        }

        var status = _queue.Write(head, body);
        if (status == SendStatus.Full)
        {
            _handler?.OnSlowClient();
        }

        return status == SendStatus.Sent;
    }
}
