using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Starling.Protocol.Buffers;
using Starling.Protocol.EngineIo;
using Starling.Protocol.WebSockets;
using Starling.Server.Sessions;
using Starling.Server.Transports.Detaching;

namespace Starling.Server.Transports;

/// <summary>
/// One WebSocket: a read loop that turns frames into packets for the session, and a send queue into which any thread writes frames.
/// </summary>
/// <remarks>
/// Life time: the HTTP request that was upgraded; <see cref="RunAsync"/> is its body. An idle connection waits in a read of the pipe and
/// holds no buffer. While a packet's handling waits (the application is busy), nothing is read, which slows down that client alone.
/// </remarks>
internal sealed class WebSocketTransport : ITransport
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly IDuplexPipe _connection;
    private readonly SendQueue _queue;
    private readonly MessageReader _reader;
    private readonly MessageDeflater? _deflate;
    private readonly FrameFormats _format;
    private readonly TransportSettings _settings;
    private readonly Action _abort;
    private readonly PooledBuffer _scratch = new();
    private IFrameReceiver? _receiver;
    private WheelTimer? _closeTimer;
    private readonly Lock _ending = new();
    private volatile bool _closing;
    private bool _ended;

    public WebSocketTransport(
        IDuplexPipe connection, FrameFormats format, TransportSettings settings, Action abort)
    {
        _connection = connection;
        _format = format;
        _settings = settings;
        _abort = abort;
        var deflated = (format & FrameFormats.Deflated) != 0;
        _deflate = deflated ? PermessageDeflate.Compress : null;
        _reader = new MessageReader(settings.MaxPayload, deflated ? PermessageDeflate.Decompress : null);
        _queue = new SendQueue(connection.Output, settings.MaxSendQueueBytes);
    }

    /// <summary>The request that became this WebSocket.</summary>
    public HttpContext? Request { get; private set; }

    public string Name => TransportNames.WebSocket;

    /// <summary>The connection, when it can go on without its request.</summary>
    public DetachableConnection? Detachable { get; init; }

    public bool IsWritable => _queue.IsWritable;

    /// <summary>Sets who gets the packets, and the request that became this WebSocket.</summary>
    public void Attach(IFrameReceiver receiver, HttpContext request)
    {
        Request = request;
        _receiver = receiver;
    }

    /// <summary>Hands the WebSocket from its probe to the session.</summary>
    public void Attach(IFrameReceiver receiver) => _receiver = receiver;

    public bool Send(OutgoingMessage message)
    {
        var format = _format;
        if ((format & FrameFormats.Deflated) != 0 && (message.SkipCompression || message.Body.Length < _settings.CompressionThreshold))
        {
            format &= ~FrameFormats.Deflated;
        }

        return Write(message.Frames(format, _deflate));
    }

    public void SendPacket(PacketType type, ReadOnlySpan<byte> data = default)
    {
        var length = 1 + data.Length;
        Span<byte> small = stackalloc byte[256];
        var frame = length + FrameHeader.MaxUnmaskedSize <= small.Length ? small : new byte[length + FrameHeader.MaxUnmaskedSize];
        var header = FrameHeader.Write(frame, Opcode.Text, length);
        frame[header] = (byte)('0' + (byte)type);
        data.CopyTo(frame[(header + 1)..]);
        Write(frame[..(header + length)]);
    }

    /// <summary>Sends a packet that another transport had queued.</summary>
    public void Forward(Packet packet)
    {
        if (!packet.IsBinary)
        {
            SendPacket(packet.Type, packet.Data.Span);
            return;
        }

        var message = MessagePool.Rent();
        message.Begin(isText: false).Write(packet.Data.Span);
        message.Seal();
        Send(message);
        MessagePool.Return(message);
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _queue.WaitForRoomAsync(cancellationToken);

    public void Close() => Close(CloseCode.None);

    /// <summary>Sends a close frame and gives the client some seconds to answer it before the connection is cut.</summary>
    public void Close(CloseCode code)
    {
        lock (_ending)
        {
            if (_closing)
            {
                return;
            }

            _closing = true;
            _closeTimer = new WheelTimer(Abort);
            _settings.Wheel.Schedule(_closeTimer, CloseTimeout);
        }

        Span<byte> frame = stackalloc byte[4];
        var length = FrameHeader.Write(frame, Opcode.Close, code == CloseCode.None ? 0 : 2);
        if (code != CloseCode.None)
        {
            frame[length++] = (byte)((ushort)code >> 8);
            frame[length++] = (byte)code;
        }

        _queue.Write(frame[..length]);
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
    /// Serves the WebSocket: at once, as part of its request, or, where the connection can be detached, after the request has ended.
    /// </summary>
    /// <param name="start">Runs before the first message is read.</param>
    public Task ServeAsync(Action start)
    {
        if (Detachable is not { } detachable)
        {
            start();
            return RunAsync();
        }

        Request = null;
        detachable.Detach(() =>
        {
            start();
            return RunAsync();
        });
        return Task.CompletedTask;
    }

    /// <summary>Reads until the connection ends and reports its end to the receiver.</summary>
    private async Task RunAsync()
    {
        var reason = DisconnectReason.TransportError;
        try
        {
            reason = await ReadAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The peer vanished; nothing more can be said to it.
        }
        finally
        {
            End();
            _queue.Close();
            _receiver?.OnTransportClosed(this, reason);
            Request = null;
            _reader.Dispose();
            _scratch.Dispose();
        }
    }

    private void End()
    {
        lock (_ending)
        {
            _closing = true;
            _ended = true;
        }

        if (_closeTimer is { } timer)
        {
            _settings.Wheel.Cancel(timer);
        }
    }

    private async ValueTask<DisconnectReason> ReadAsync()
    {
        var input = _connection.Input;
        while (true)
        {
            var result = await input.ReadAsync(CancellationToken.None);
            var buffer = result.Buffer;
            var end = default(DisconnectReason?);
            _queue.Cork();
            try
            {
                while (end is null && _reader.Read(ref buffer, out var message) is var status && status != ReadStatus.Incomplete)
                {
                    if (status == ReadStatus.Invalid)
                    {
                        Close(_reader.Error);
                        end = DisconnectReason.TransportError;
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
                return buffer.IsEmpty ? DisconnectReason.TransportClose : DisconnectReason.TransportError;
            }
        }
    }

    private ValueTask HandleAsync(in Message message, out DisconnectReason? end)
    {
        end = null;
        switch (message.Opcode)
        {
            case Opcode.Text when !_closing:
                return HandleTextAsync(message.Payload);
            case Opcode.Binary when !_closing:
                return HandleBinaryAsync(message.Payload);
            case Opcode.Ping:
                WritePong(message.Payload.Span);
                return ValueTask.CompletedTask;
            case Opcode.Close:
                Close((CloseCode)(message.Payload.IsEmpty ? 0 : (message.Payload.Span[0] << 8) | message.Payload.Span[1]));
                end = DisconnectReason.TransportClose;
                return ValueTask.CompletedTask;
            default:
                return ValueTask.CompletedTask;
        }
    }

    private ValueTask HandleTextAsync(ReadOnlyMemory<byte> text)
    {
        var version3 = (_format & FrameFormats.Version3) != 0;
        var readable = version3
            ? Version3.TryReadText(text, _scratch, out var packet)
            : PacketReader.TryReadText(text, _scratch, out packet);
        return readable ? _receiver!.OnPacketAsync(this, packet) : _receiver!.OnMalformedAsync(this);
    }

    private ValueTask HandleBinaryAsync(ReadOnlyMemory<byte> bytes)
    {
        if ((_format & FrameFormats.Version3) != 0)
        {
            return Version3.TryReadBinary(bytes, out var packet)
                ? _receiver!.OnPacketAsync(this, packet)
                : _receiver!.OnMalformedAsync(this);
        }

        return _receiver!.OnPacketAsync(this, new Packet(PacketType.Message, IsBinary: true, bytes));
    }

    private void WritePong(ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[2 + 125];
        var length = FrameHeader.Write(frame, Opcode.Pong, payload.Length);
        payload.CopyTo(frame[length..]);
        Write(frame[..(length + payload.Length)]);
    }

    private bool Write(ReadOnlySpan<byte> frames)
    {
        if (_closing)
        {
            return false;
        }

        var status = _queue.Write(frames);
        if (status == SendStatus.Full)
        {
            _receiver?.OnSlowClient(this);
        }

        return status == SendStatus.Sent;
    }
}
