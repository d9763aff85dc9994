using System.Text;
using Starling.Protocol.SocketIo;
using Starling.Server.Diagnostics;
using Starling.Server.Sessions;
using Starling.Server.Sockets.Codecs;

namespace Starling.Server.Sockets;

/// <summary>
/// One client's session as Socket.IO sees it: joins messages to packets and hands each to the socket of its namespace.
/// </summary>
/// <remarks>
/// Life time: the session's. Messages come from the session's read loop, one at a time; the table of sockets is also touched by joins that
/// wait for middleware and by the application, and has its own lock.
/// </remarks>
internal sealed class SocketIOConnection : ISessionConsumer
{
    private readonly SocketIOServer _server;
    private readonly IPacketDecoder _decoder;
    private WheelTimer? _connectTimer;
    private Socket? _onlySocket;
    private Dictionary<string, Socket>? _sockets;
    private List<string>? _joining;
    private List<string>? _left;
    private bool _closed;

    public SocketIOConnection(SocketIOServer server, Session session)
    {
        _server = server;
        Session = session;
        _decoder = server.Codec.CreateDecoder();
        if (session.ProtocolVersion == 4)
        {
            _connectTimer = new WheelTimer(() => session.CloseSoon(DisconnectReason.ForcedServerClose));
            server.Engine.Wheel.Schedule(_connectTimer, server.Options.ConnectTimeout);
        }
    }

    public Session Session { get; }

    /// <summary>Clients of Socket.IO 2 are in the main namespace from the start.</summary>
    public void JoinMainIfVersion3()
    {
        if (Session.ProtocolVersion == 3)
        {
            _ = JoinAsync("/", default);
        }
    }

    public string CreateSocketId(Namespace owner) =>
        Session.ProtocolVersion == 4 ? SessionIds.Create()
        : owner.Name == "/" ? Session.Id
        : owner.Name + "#" + Session.Id;

    public ValueTask OnMessageAsync(Session session, ReadOnlyMemory<byte> data, bool isBinary)
    {
        if (_decoder.TryDecode(data, isBinary, out var packet, out var attachments, out var error))
        {
            return OnPacketAsync(packet, attachments);
        }

        if (error != PacketError.None)
        {
            Fail(error.ToString());
        }

        return ValueTask.CompletedTask;
    }

    public Task WhenIdleAsync()
    {
        lock (this)
        {
            return _onlySocket is { } only ? only.WhenIdleAsync()
                : _sockets is { } sockets ? Task.WhenAll(sockets.Values.Select(static socket => socket.WhenIdleAsync()))
                : Task.CompletedTask;
        }
    }

    public void OnClosed(Session session, DisconnectReason reason)
    {
        StopConnectTimer();
        foreach (var socket in TakeAll())
        {
            socket.OnClosed(reason);
        }
    }

    public void SendDisconnect(Socket socket) => SendControl(socket.Namespace.Utf8Name, PacketType.Disconnect, []);

    public void Remove(Socket socket)
    {
        lock (this)
        {
            if (_onlySocket == socket)
            {
                _onlySocket = null;
            }

            _sockets?.Remove(socket.Namespace.Name);
            RememberLocked(socket.Namespace.Name);
        }
    }

    // The packets of a namespace that one side leaves may be under way on the other.
    private void RememberLocked(string name)
    {
        _left ??= [];
        if (!_left.Contains(name))
        {
            if (_left.Count >= _server.Options.MaxNamespacesPerSession)
            {
                _left.RemoveAt(0);
            }

            _left.Add(name);
        }
    }

    private bool HasLeft(ReadOnlySpan<byte> name)
    {
        lock (this)
        {
            return _left?.Contains(Encoding.UTF8.GetString(name)) == true;
        }
    }

    private ValueTask OnPacketAsync(in Packet packet, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        if (packet.Type == PacketType.Connect)
        {
            return OnConnectPacket(packet);
        }

        if (Find(packet.Namespace.Span) is not { } socket)
        {
            if (packet.Type != PacketType.ConnectError && HasLeft(packet.Namespace.Span))
            {
                return ValueTask.CompletedTask;
            }

            Fail("packet for a namespace that was not joined");
            return ValueTask.CompletedTask;
        }

        switch (packet.Type)
        {
            case PacketType.Event or PacketType.BinaryEvent:
                return socket.OnEventAsync(packet, attachments);
            case PacketType.Ack or PacketType.BinaryAck:
                socket.OnAck(packet, attachments);
                break;
            case PacketType.Disconnect:
                Remove(socket);
                socket.OnClosed(DisconnectReason.ClientNamespaceDisconnect);
                break;
            default:
                Fail("CONNECT_ERROR is for servers to send");
                break;
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask OnConnectPacket(in Packet packet)
    {
        var name = Encoding.UTF8.GetString(packet.Namespace.Span);
        if (Session.ProtocolVersion == 3 && name.IndexOf('?', StringComparison.Ordinal) is var query and >= 0)
        {
            name = name[..query];
        }

        lock (this)
        {
            var isNew = FindLocked(name) is null && _joining?.Contains(name) != true;
            if (!isNew && Session.ProtocolVersion == 4)
            {
                return FailAsync("second CONNECT for one namespace");
            }

            var joined = _onlySocket is not null ? 1 : _sockets?.Count ?? 0;
            if (isNew && joined + (_joining?.Count ?? 0) >= _server.Options.MaxNamespacesPerSession)
            {
                return RefuseAsync(name, "Too many namespaces");
            }

            (_joining ??= []).Add(name);
        }

        // A middleware may take its time; the client's other namespaces go on meanwhile.
        var joining = JoinAsync(name, packet.Data.ToArray());
        return joining.IsFaulted ? new ValueTask(joining) : ValueTask.CompletedTask;
    }

    private async Task JoinAsync(string name, ReadOnlyMemory<byte> auth)
    {
        Namespace? owner = null;
        try
        {
            owner = await _server.FindNamespaceAsync(name, Session, auth);
            if (owner is null)
            {
                await RefuseAsync(name, "Invalid namespace");
                return;
            }

            await new SocketJoining(_server, this, owner, auth).RunAsync();
        }
        catch (ConnectRefusedException refusal)
        {
            _server.Logger.ConnectRefused(Session.Id, name, refusal.Message);
            SendConnectError(name, refusal.Message, refusal.Details);
        }
        catch (OperationCanceledException) when (Session.IsClosed)
        {
            // The client left while the middleware waited.
        }
        catch (Exception exception)
        {
            _server.Logger.ConnectFailed(exception, name, Session.Id);
            SendConnectError(name, "Internal server error", details: null);
        }
        finally
        {
            lock (this)
            {
                if (_joining is { } joining && joining.Remove(name) && joining.Count == 0)
                {
                    _joining = null;
                }
            }

            owner?.EndJoin();
        }
    }

    /// <summary>Puts a socket that has passed all middleware into the table; false when the session is gone.</summary>
    internal bool TryAdd(Socket socket)
    {
        lock (this)
        {
            if (_closed)
            {
                return false;
            }

            if (_onlySocket is null && _sockets is null)
            {
                _onlySocket = socket;
            }
            else
            {
                if (_sockets is null)
                {
                    _sockets = new(StringComparer.Ordinal) { [_onlySocket!.Namespace.Name] = _onlySocket };
                    _onlySocket = null;
                }

                _sockets[socket.Namespace.Name] = socket;
            }
        }

        StopConnectTimer();
        return true;
    }

    private void StopConnectTimer()
    {
        if (Interlocked.Exchange(ref _connectTimer, null) is { } timer)
        {
            _server.Engine.Wheel.Cancel(timer);
        }
    }

    internal void SendControl(ReadOnlySpan<byte> namespaceName, PacketType type, ReadOnlySpan<byte> json)
    {
        var message = MessagePool.Rent();
        try
        {
            _server.Codec.Begin(message, namespaceName.Length).Write(json);
            _server.Codec.Complete(message, type, namespaceName, Packet.NoAck);
            Session.Send(message, isVolatile: false);
        }
        finally
        {
            MessagePool.Return(message);
        }
    }

    private void SendConnectError(string name, string text, object? details)
    {
        byte[] json;
        try
        {
            json = ConnectError(text, details);
        }
        catch (Exception exception)
        {
            // The application's types and converters have their say here.
            _server.Logger.RefusalDetailsNotSent(exception, name, Session.Id);
            json = ConnectError(text, details: null);
        }

        SendControl(Encoding.UTF8.GetBytes(name), PacketType.ConnectError, json);
    }

    private byte[] ConnectError(string text, object? details) => Session.ProtocolVersion == 3
        ? _server.Serializer.ToJson(details ?? text)
        : ConnectErrorPayload.Create(text, details, _server.Serializer);

    private Socket? Find(ReadOnlySpan<byte> name)
    {
        // Most clients are in one namespace: no lock and no string for them.
        if (_onlySocket is { } only && name.SequenceEqual(only.Namespace.Utf8Name))
        {
            return only;
        }

        lock (this)
        {
            return FindLocked(Encoding.UTF8.GetString(name));
        }
    }

    private Socket? FindLocked(string name) =>
        _onlySocket is { } only ? (only.Namespace.Name == name ? only : null) : _sockets?.GetValueOrDefault(name);

    private Socket[] TakeAll()
    {
        lock (this)
        {
            _closed = true;
            Socket[] all = _onlySocket is { } only ? [only] : [.. _sockets?.Values ?? Enumerable.Empty<Socket>()];
            _onlySocket = null;
            _sockets = null;
            return all;
        }
    }

    private ValueTask RefuseAsync(string name, string text)
    {
        _server.Logger.ConnectRefused(Session.Id, name, text);
        SendConnectError(name, text, details: null);
        return ValueTask.CompletedTask;
    }

    private ValueTask FailAsync(string error)
    {
        Fail(error);
        return ValueTask.CompletedTask;
    }

    private void Fail(string error)
    {
        _server.Logger.InvalidPacket(Session.Id, error);
        Session.Close(DisconnectReason.ParseError);
    }
}
