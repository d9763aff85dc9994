using Microsoft.AspNetCore.Http;
using Starling.Protocol.EngineIo;
using Starling.Server.Transports;

namespace Starling.Server.Sessions;

/// <summary>
/// One client as Engine.IO knows it: an id, a heartbeat, and a transport that may change from polling to WebSocket while messages flow.
/// (Engine.IO calls it a socket; here a socket is a client in a namespace of Socket.IO.)
/// </summary>
/// <remarks>
/// Owner: its <see cref="EngineIOServer"/>, from the handshake until <see cref="Closed"/> fires. Sending is thread-safe. Messages arrive
/// one at a time, in order. Lock order: session, then transport.
/// </remarks>
public sealed class Session : IFrameReceiver
{
    private readonly SessionHost _host;
    // Also the lock of the session: of a hundred thousand idle sessions, none has an object more than it needs.
    private readonly Heartbeat _heartbeat;
    private LazyCancellation _closed;
    private volatile ITransport _transport;
    private ISessionConsumer? _consumer;
    private WheelTimer? _linger;
    private bool _upgrading;
    private bool _isSlow;
    private volatile bool _isClosed;
    private Leaving? _leaving;

    internal Session(string id, int protocolVersion, Handshake handshake, SessionHost host, ITransport transport)
    {
        Id = id;
        ProtocolVersion = protocolVersion;
        Handshake = handshake;
        _host = host;
        _transport = transport;
        _heartbeat = new Heartbeat(this, host);
    }

    /// <summary>The id that the client was given: 20 characters of the URL-safe base64 alphabet, not guessable.</summary>
    public string Id { get; }

    /// <summary>4, or 3 for a client of Socket.IO 2.</summary>
    public int ProtocolVersion { get; }

    /// <summary>The request that opened the session.</summary>
    public Handshake Handshake { get; }

    /// <summary>"polling" or "websocket".</summary>
    public string TransportName => _transport.Name;

    /// <summary>
    /// The HTTP request that brings the message being handled: a POST while polling, else the one that became a WebSocket.
    /// Null outside the handling of a message, and over a WebSocket whose request has ended (<c>UseLeanWebSockets</c>).
    /// </summary>
    public HttpContext? Request { get; private set; }

    /// <summary>Fires when the session has ended.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Why the session ended, or null while it lives.</summary>
    public DisconnectReason? CloseReason { get; private set; }

    internal SessionHost Host => _host;

    internal bool IsClosed => _isClosed;

    internal Heartbeat Heartbeat => _heartbeat;

    /// <summary>Whether nothing is read from the client because the application handles a message of it.</summary>
    internal bool IsApplicationBusy => _heartbeat.IsApplicationBusy;

    internal bool IsWritable => _transport.IsWritable;

    internal bool WaitsForSlowClients => _host.WaitsForSlowClients;

    /// <summary>The transport of a session that began by polling, also after its upgrade.</summary>
    internal PollingTransport? Polling { get; set; }

    /// <summary>Sends a text message.</summary>
    /// <param name="text">The message.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client, not the sending.</param>
    /// <returns>Completes when the message is queued and, under <see cref="SlowClientPolicy.Wait"/>, the client keeps up.</returns>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var message = MessagePool.Rent();
        var body = message.Begin(isText: true);
        body.Advance(System.Text.Encoding.UTF8.GetBytes(text, body.GetSpan(System.Text.Encoding.UTF8.GetMaxByteCount(text.Length))));
        return SendAndReturnAsync(message, cancellationToken);
    }

    /// <summary>Sends a message of bytes.</summary>
    /// <param name="bytes">The message; copied before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client, not the sending.</param>
    /// <returns>As for text.</returns>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        var message = MessagePool.Rent();
        message.Begin(isText: false).Write(bytes.Span);
        return SendAndReturnAsync(message, cancellationToken);
    }

    /// <summary>Ends the session after what is queued was sent; the client sees a clean close and, by default, does not come back.</summary>
    public void Close() => Close(DisconnectReason.ForcedClose);

    internal void Open(ISessionConsumer consumer)
    {
        _consumer = consumer;
        _heartbeat.Restart();
    }

    /// <summary>Queues a message. False when it was dropped: volatile and not writable, or the session is closed.</summary>
    internal bool Send(OutgoingMessage message, bool isVolatile)
    {
        if (_transport is WebSocketTransport webSocket)
        {
            // Once a WebSocket carries the session it does so to the end.
            return (!isVolatile || webSocket.IsWritable) && webSocket.Send(message) == SendStatus.Sent;
        }

        SendStatus status;
        lock (_heartbeat)
        {
            var transport = _transport;
            if (isVolatile && !transport.IsWritable)
            {
                return false;
            }

            status = transport.Send(message);
        }

        if (status == SendStatus.Full)
        {
            CloseSlowClient();
        }

        return status == SendStatus.Sent;
    }

    internal ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _transport.WaitForRoomAsync(cancellationToken);

    internal void SendPing()
    {
        lock (_heartbeat)
        {
            _transport.SendPacket(PacketType.Ping);
        }
    }

    /// <summary>Whether a WebSocket may try to take over; true once until that attempt has ended.</summary>
    internal bool TryBeginUpgrade()
    {
        lock (_heartbeat)
        {
            return !_upgrading && !_isClosed && _transport is PollingTransport && (_upgrading = true);
        }
    }

    internal void AbandonUpgrade()
    {
        lock (_heartbeat)
        {
            _upgrading = false;
        }
    }

    internal void CompleteUpgrade(WebSocketTransport webSocket)
    {
        webSocket.Attach(this);
        lock (_heartbeat)
        {
            if (_isClosed || _leaving is not null)
            {
                webSocket.Close();
                return;
            }

            ((PollingTransport)_transport).MoveTo(webSocket);
            _transport = webSocket;
        }

        _host.Metrics.SessionUpgraded();
    }

    /// <summary>
    /// Sends the client away because the server stops. What the client had sent before it knew is still handled: over a WebSocket until
    /// the client has closed as well, while polling for a time in which a POST that was under way comes in.
    /// </summary>
    internal async Task LeaveAsync(TimeSpan patience, TimeProvider time)
    {
        // An answer cannot follow the close frame; those that are on their way out go first.
        await HandledAsync(patience, time);
        ITransport transport;
        lock (_heartbeat)
        {
            if (_isClosed || _leaving is not null)
            {
                return;
            }

            _leaving = new Leaving(patience / 2, time);
            transport = _transport;
        }

        if (transport is WebSocketTransport webSocket)
        {
            // Comes back to OnTransportClosed when the client has closed as well, or is given up.
            webSocket.CloseAndReadOn();
            return;
        }

        transport.Close();
        _host.Wheel.Schedule(new WheelTimer(() => this.CloseSoon(DisconnectReason.ServerShuttingDown)), patience);
    }

    /// <summary>Closes the session as if its client had. One that is leaving first handles what it has read.</summary>
    internal async Task CloseAfterHandlingAsync(DisconnectReason reason)
    {
        if (_leaving is { } leaving)
        {
            await HandledAsync(leaving.Patience, leaving.Time);
        }

        Close(reason);
    }

    /// <summary>Ends the session, for a reason that its consumer is told once.</summary>
    internal void Close(DisconnectReason reason)
    {
        ITransport transport;
        lock (_heartbeat)
        {
            if (_isClosed)
            {
                return;
            }

            CloseReason = reason = _leaving is not null ? DisconnectReason.ServerShuttingDown : reason;
            _isClosed = true;
            transport = _transport;
        }

        _heartbeat.Stop();
        if (reason == DisconnectReason.SlowClient && transport is WebSocketTransport slow)
        {
            slow.Abort();
        }

        transport.Close();
        if (transport is PollingTransport { HasUnsentEnd: true } && SessionHost.LingerAfter(reason) is { } linger)
        {
            // The client has still to learn of it with its next poll.
            _linger = new WheelTimer(Forget);
            _host.Wheel.Schedule(_linger, linger);
        }
        else
        {
            Forget();
        }

        _host.SessionEnded(this, reason);
        _consumer?.OnClosed(this, reason);
        _host.Logger.ReportCallbacks(_closed.Cancel(), "Session.Closed", Id);
    }

    ValueTask IFrameReceiver.OnPacketAsync(WebSocketTransport transport, Packet packet) => OnPacketAsync(packet, transport.Request);

    ValueTask IFrameReceiver.OnMalformedAsync(WebSocketTransport transport)
    {
        Close(DisconnectReason.ParseError);
        return ValueTask.CompletedTask;
    }

    void IFrameReceiver.OnReadAgain() => _heartbeat.Extend();

    void IFrameReceiver.OnSlowClient(WebSocketTransport transport) => CloseSlowClient();

    void IFrameReceiver.OnTransportClosed(WebSocketTransport transport, DisconnectReason reason)
    {
        if (_leaving is null)
        {
            Close(reason);
        }
        else
        {
            _ = CloseAfterHandlingAsync(reason);
        }
    }

    internal ValueTask OnPacketAsync(Packet packet, HttpContext? request)
    {
        if (_isClosed)
        {
            return ValueTask.CompletedTask;
        }

        switch (packet.Type)
        {
            case PacketType.Message:
                return OnMessageAsync(packet, request);
            case PacketType.Pong when ProtocolVersion == 4:
                _heartbeat.Restart();
                break;
            case PacketType.Ping when ProtocolVersion == 3:
                _heartbeat.Restart();
                if (_transport.SendPacket(PacketType.Pong, packet.Data.Span) == SendStatus.Full)
                {
                    CloseSlowClient();
                }

                break;
            case PacketType.Ping or PacketType.Pong:
                // The heartbeat goes the other way in this version.
                Close(DisconnectReason.TransportError);
                break;
            case PacketType.Close:
                OnClosePacket();
                break;
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask OnMessageAsync(in Packet packet, HttpContext? request)
    {
        _host.Metrics.MessageReceived(packet.Data.Length);
        Request = request;
        _heartbeat.BeginMessage();
        var handling = _consumer!.OnMessageAsync(this, packet.Data, packet.IsBinary);
        if (handling.IsCompletedSuccessfully)
        {
            Request = null;
            _heartbeat.EndMessage();
            return ValueTask.CompletedTask;
        }

        _heartbeat.BeginWait();
        return FinishMessageAsync(handling);
    }

    private async ValueTask FinishMessageAsync(ValueTask handling)
    {
        try
        {
            await handling;
        }
        finally
        {
            Request = null;
            _heartbeat.EndWait();
        }
    }

    private void CloseSlowClient()
    {
        if (!Interlocked.Exchange(ref _isSlow, true))
        {
            this.CloseSoon(DisconnectReason.SlowClient);
        }
    }

    private void OnClosePacket()
    {
        if (_transport is PollingTransport polling)
        {
            polling.Finish();
        }

        Close(DisconnectReason.TransportClose);
    }

    private async Task HandledAsync(TimeSpan patience, TimeProvider time)
    {
        if (_consumer!.WhenIdleAsync() is { IsCompleted: false } handling)
        {
            await handling.WaitAsync(patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private ValueTask SendAndReturnAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        message.Seal();
        Send(message, isVolatile: false);
        MessagePool.Return(message);
        return WaitsForSlowClients && !IsWritable ? WaitForRoomAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>Lets go of a session that has ended and whose client knows.</summary>
    internal void Forget()
    {
        if (_linger is { } linger)
        {
            _host.Wheel.Cancel(linger);
        }

        _host.Forget(this);
    }
}
