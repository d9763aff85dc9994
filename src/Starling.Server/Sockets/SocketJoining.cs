using System.Text;
using System.Text.Json;
using Starling.Protocol.SocketIo;
using Starling.Server.Diagnostics;
using Starling.Server.Sessions;
using Starling.Server.Sockets.Recovery;

namespace Starling.Server.Sockets;

/// <summary>The steps by which a client joins a namespace, in order: recover, pass the middleware, enter, answer, run the handlers.</summary>
internal sealed class SocketJoining(SocketIOServer server, SocketIOConnection connection, Namespace owner, ReadOnlyMemory<byte> authJson)
{
    private const int MaxAttempts = 25;

    /// <summary>Between the first two attempts; longer each time, 2 s in all.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(6);

    private static readonly JsonElement NoAuth = JsonElement.Parse("{}"u8);

    private readonly ConnectHandler[] _handlers = owner.ConnectHandlers.Connected;
    private SocketHub?[]? _hubs;

    // The offset of the last missed event that is sent.
    private string? _sent;

    public async Task RunAsync()
    {
        var auth = authJson.IsEmpty ? NoAuth : Parse(authJson.Span);
        if (owner.Recovery is { } recovery && await TryRecoverAsync(recovery, auth))
        {
            return;
        }

        var socket = NewSocket(auth, lost: null);
        await AdmitAsync(socket, owner.ConnectHandlers.Middleware);

        // A client of Socket.IO 2 has the same id each time; handlers of its former socket may still run.
        while (owner.Rooms.Find(socket.Id) is { Connected: false } && !connection.Session.IsClosed)
        {
            await Task.Delay(Pause, server.Time);
        }

        if (EnterNew(socket))
        {
            Answer(socket);
            StartHandlers(socket);
        }
        else
        {
            await socket.AbandonAsync();
        }
    }

    private Socket NewSocket(JsonElement auth, RecoveredSocket? lost) =>
        new(owner, connection, new SocketHandshake(connection.Session.Handshake, auth), lost);

    /// <summary>Runs what may keep the client out: middleware, and the constructors of hubs.</summary>
    private async ValueTask AdmitAsync(Socket socket, Func<Socket, CancellationToken, ValueTask>[] middleware)
    {
        try
        {
            if (middleware.Length > 0)
            {
                var closed = connection.Session.Closed;
                using var leaving = closed.UnsafeRegister(static socket => ((Socket)socket!).Abort(), socket);
                foreach (var step in middleware)
                {
                    await step(socket, closed);
                }
            }

            for (var i = 0; i < _handlers.Length; i++)
            {
                if (_handlers[i].CreateHub is { } create)
                {
                    (_hubs ??= new SocketHub?[_handlers.Length])[i] = create(socket);
                }
            }
        }
        catch
        {
            await socket.AbandonAsync();
            throw;
        }
    }

    private static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        return JsonElement.ParseValue(ref reader);
    }

    private async ValueTask<bool> TryRecoverAsync(RecoveryLog recovery, JsonElement auth)
    {
        // A client that has got no event yet has no offset.
        if (Text(auth, "pid"u8) is not { } recoveryId)
        {
            return false;
        }

        // An older attempt of the same client may take the socket away before this one has it.
        var middleware = server.Options.ConnectionStateRecovery!.SkipMiddlewares ? [] : owner.ConnectHandlers.Middleware;
        var offset = Text(auth, "offset"u8);
        for (var attempt = 1; attempt <= MaxAttempts && await owner.ClusterRecovery!.BringAsync(recoveryId, offset); attempt++)
        {
            if (recovery.Find(recoveryId, offset, out var isKnown) is { } lost)
            {
                await SendAheadAsync(lost);
                var socket = NewSocket(auth, lost);
                await AdmitAsync(socket, middleware);
                if (TryRecover(recovery, socket, recoveryId, offset))
                {
                    return true;
                }

                await socket.AbandonAsync();
                if (connection.Session.IsClosed)
                {
                    return true;
                }
            }
            else if (isKnown)
            {
                // An event that the client missed is no longer stored.
                return EndIfSentAhead();
            }

            // Who has it may be at closing its old connection, and those that had it before send the question round.
            await Task.Delay(attempt * Pause, server.Time);
        }

        return EndIfSentAhead();
    }

    /// <summary>
    /// Sends what would not fit into the send queue at once, as fast as the client reads. The client holds it back until it has the answer,
    /// and forgets it if its connection breaks before.
    /// </summary>
    private async ValueTask SendAheadAsync(RecoveredSocket lost)
    {
        var session = connection.Session;
        var missed = Unsent(lost).ToArray();
        var rest = missed.Sum(static item => (long)item.Event.Size);
        for (var i = 0; rest > server.Options.MaxSendQueueBytes / 2 && i < missed.Length; i++)
        {
            await session.WaitForRoomAsync(session.Closed);
            SendMissed(missed[i]);
            rest -= missed[i].Event.Size;
        }
    }

    /// <summary>A client that holds events of a lost socket must not get a new one: it connects again, and joins as a new client then.</summary>
    private bool EndIfSentAhead()
    {
        if (_sent is null)
        {
            return false;
        }

        connection.Session.Close();
        return true;
    }

    private IEnumerable<MissedEvent> Unsent(RecoveredSocket lost) =>
        _sent is null ? lost.Missed : lost.Missed.SkipWhile(missed => missed.Offset != _sent).Skip(1);

    private static string? Text(JsonElement auth, ReadOnlySpan<byte> name) =>
        auth.ValueKind == JsonValueKind.Object && auth.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    /// <summary>Gives the client its lost socket; false when that is not to be had any more, or the client is gone.</summary>
    private bool TryRecover(RecoveryLog recovery, Socket socket, string recoveryId, string? offset)
    {
        lock (recovery.Order)
        {
            if (recovery.Take(recoveryId, offset) is not { } lost)
            {
                return false;
            }

            socket.Recover(lost);
            if (!Enter(socket))
            {
                recovery.Keep(lost);
                socket.Ticket!.SetLeft();
                return false;
            }

            // Before the answer: the client holds events back until it has that, and emits them in order.
            foreach (var missed in Unsent(lost))
            {
                SendMissed(missed);
            }

            Answer(socket);
        }

        StartHandlers(socket);
        return true;
    }

    private void SendMissed(MissedEvent missed)
    {
        var message = MessagePool.Rent();
        try
        {
            owner.Encode(message, missed.Event.WithOffset(missed.Offset), missed.Event.Attachments, Packet.NoAck);
            connection.Session.Send(message, isVolatile: false);
            _sent = missed.Offset;
        }
        finally
        {
            MessagePool.Return(message);
        }
    }

    private bool EnterNew(Socket socket)
    {
        if (owner.Recovery is not { } recovery || socket.Ticket is not { } ticket)
        {
            return Enter(socket);
        }

        // Nothing may be stored between the two: it would be missed, or be got by somebody who was not there yet.
        lock (recovery.Order)
        {
            ticket.Standing = recovery.Now();
            return Enter(socket);
        }
    }

    private bool Enter(Socket socket)
    {
        if (!socket.TrySetConnected() || !owner.Rooms.TryAdd(socket))
        {
            return false;
        }

        if (!connection.TryAdd(socket))
        {
            owner.Rooms.Remove(socket);
            return false;
        }

        server.Metrics.SocketConnected(owner.Name);
        server.Logger.SocketConnected(socket.Id, owner.Name, socket.Recovered);
        return true;
    }

    private void Answer(Socket socket) =>
        connection.SendControl(owner.Utf8Name, PacketType.Connect, connection.Session.ProtocolVersion == 3 ? [] : Encoding.UTF8.GetBytes(
            socket.Ticket is { } ticket
                ? $$"""{"sid":"{{socket.Id}}","pid":"{{ticket.Id}}"}"""
                : $$"""{"sid":"{{socket.Id}}"}"""));

    private void StartHandlers(Socket socket)
    {
        List<Task>? running = null;
        for (var i = 0; i < _handlers.Length; i++)
        {
            if (RunAsync(_handlers[i], socket, _hubs?[i]) is { IsCompleted: false } handling)
            {
                (running ??= []).Add(handling);
            }
        }

        if (running is not null)
        {
            socket.SetStarting(Task.WhenAll(running));
        }
    }

    private async Task RunAsync(ConnectHandler handler, Socket socket, SocketHub? hub)
    {
        try
        {
            await handler.Run(socket, hub);
        }
        catch (OperationCanceledException) when (socket.Aborted.IsCancellationRequested)
        {
            // The client left while the handler waited.
        }
        catch (Exception exception)
        {
            server.Logger.ConnectFailed(exception, owner.Name, connection.Session.Id);
        }
    }
}
