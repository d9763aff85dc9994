using Microsoft.AspNetCore.Http;
using Starling.Protocol.EngineIo;
using Starling.Protocol.WebSockets;
using Starling.Server.Sessions;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Transports;

/// <summary>Carries Engine.IO packets over one WebSocket: turns its messages into packets for the session, and packets into frames.</summary>
/// <remarks>Life time: that of the connection, which may outlive the HTTP request that was upgraded.</remarks>
internal sealed class WebSocketTransport : ITransport, IWebSocketHandler, IReadPauseHandler
{
    private readonly WebSocketConnection _connection;
    private readonly FrameFormats _format;
    private readonly TransportSettings _settings;
    private IFrameReceiver? _receiver;

    private WebSocketTransport(WebSocketConnection connection, FrameFormats format, TransportSettings settings)
    {
        _connection = connection;
        _format = format;
        _settings = settings;
    }

    /// <summary>The request that became this WebSocket.</summary>
    public HttpContext? Request { get; private set; }

    public string Name => TransportNames.WebSocket;

    public bool IsWritable => _connection.IsWritable;

    /// <summary>Makes a request a WebSocket, or answers why not.</summary>
    /// <returns>The transport, or null when the request was refused.</returns>
    public static async ValueTask<WebSocketTransport?> AcceptAsync(
        HttpContext context, TransportSettings settings, int protocolVersion, bool base64)
    {
        if (!WebSocketUpgrade.IsValid(context))
        {
            await EngineErrors.BadRequest.WriteAsync(context);
            return null;
        }

        // As the reference server does, which knows no subprotocols, but whose clients may ask for some.
        var subprotocol = WebSocketSubprotocols.ChooseFirst(context);
        var accepted = await WebSocketUpgrade.AcceptAsync(context, subprotocol, settings.WebSockets.Compression);
        var connection = new WebSocketConnection(accepted, settings.WebSockets, settings.Wheel, context.Abort);
        var format = (base64 ? FrameFormats.Base64 : FrameFormats.None)
            | (protocolVersion == 3 ? FrameFormats.Version3 : FrameFormats.None)
            | (accepted.IsDeflated ? FrameFormats.Deflated : FrameFormats.None);
        return new WebSocketTransport(connection, format, settings);
    }

    /// <summary>Sets who gets the packets, and the request that became this WebSocket.</summary>
    public void Attach(IFrameReceiver receiver, HttpContext request)
    {
        Request = request;
        _receiver = receiver;
    }

    /// <summary>Hands the WebSocket from its probe to the session.</summary>
    public void Attach(IFrameReceiver receiver) => _receiver = receiver;

    public SendStatus Send(OutgoingMessage message)
    {
        if ((_format & FrameFormats.Deflated) == 0)
        {
            return _connection.SendFrames(message.Frames(_format), message.IsAnswer);
        }

        var small = message.SkipCompression || message.Body.Length < _settings.WebSockets.CompressionThreshold;
        var format = small ? _format & ~FrameFormats.Deflated : _format;
        return _connection.SendFrames(message.Frames(format, PermessageDeflate.Compress), message.IsAnswer);
    }

    public SendStatus SendPacket(PacketType type, ReadOnlySpan<byte> data = default)
    {
        var length = 1 + data.Length;
        Span<byte> small = stackalloc byte[256];
        var packet = length <= small.Length ? small : new byte[length];
        packet[0] = (byte)('0' + (byte)type);
        data.CopyTo(packet[1..]);
        return _connection.SendMessage(packet[..length]);
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

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _connection.WaitForRoomAsync(cancellationToken);

    public void Close() => _connection.Close(CloseCode.None);

    /// <summary>Sends the close frame, and goes on handling what the client sent before it saw that.</summary>
    public void CloseAndReadOn() => _connection.CloseAndReadOn();

    /// <summary>Cuts the connection without a word.</summary>
    public void Abort() => _connection.Abort();

    /// <summary>
    /// Serves the WebSocket: at once, as part of its request, or, where the connection can be detached, after the request has ended.
    /// </summary>
    /// <param name="start">Runs before the first message is read.</param>
    public Task ServeAsync(Action start)
    {
        if (_connection.IsDetachable)
        {
            Request = null;
        }

        return _connection.ServeAsync(this, start);
    }

    ValueTask IWebSocketHandler.OnMessageAsync(Message message)
    {
        if (message.Opcode == Opcode.Binary)
        {
            return OnBinaryAsync(message.Payload);
        }

        var version3 = (_format & FrameFormats.Version3) != 0;
        var readable = version3
            ? Version3.TryReadText(message.Payload, scratch: null, out var packet)
            : PacketReader.TryReadText(message.Payload, scratch: null, out packet);
        return readable ? _receiver!.OnPacketAsync(this, packet) : _receiver!.OnMalformedAsync(this);
    }

    void IReadPauseHandler.OnReadAgain() => _receiver?.OnReadAgain();

    void IWebSocketHandler.OnSlowClient() => _receiver?.OnSlowClient(this);

    void IWebSocketHandler.OnClosed(WebSocketEnd end)
    {
        var reason = end == WebSocketEnd.Closed ? DisconnectReason.TransportClose : DisconnectReason.TransportError;
        _receiver?.OnTransportClosed(this, reason);
        Request = null;
    }

    private ValueTask OnBinaryAsync(ReadOnlyMemory<byte> bytes)
    {
        if ((_format & FrameFormats.Version3) != 0)
        {
            return Version3.TryReadBinary(bytes, out var packet)
                ? _receiver!.OnPacketAsync(this, packet)
                : _receiver!.OnMalformedAsync(this);
        }

        return _receiver!.OnPacketAsync(this, new Packet(PacketType.Message, IsBinary: true, bytes));
    }
}
