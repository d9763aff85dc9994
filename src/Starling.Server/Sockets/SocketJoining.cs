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

    public async Task RunAsync()
    {
        var auth = authJson.IsEmpty ? NoAuth : Parse(authJson.Span);
        if (owner.Recovery is { } recovery && server.Options.ConnectionStateRecovery!.SkipMiddlewares && await TryRecoverAsync(recovery, auth))
        {
            return;
        }

        var socket = new Socket(owner, connection, new SocketHandshake(connection.Session.Handshake, auth), recovered: null);
        foreach (var middleware in owner.ConnectHandlers.Middleware)
        {
            await middleware(socket, connection.Session.Closed);
        }

        if (owner.Recovery is { } log && !server.Options.ConnectionStateRecovery!.SkipMiddlewares && await TryRecoverAsync(log, auth))
        {
            await socket.ReleaseAsync();
            return;
        }

        if (EnterNew(socket))
        {
            Answer(socket);
            StartHandlers(socket);
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
        var offset = Text(auth, "offset"u8);
        for (var attempt = 1; attempt <= MaxAttempts && await owner.ClusterRecovery!.BringAsync(recoveryId, offset); attempt++)
        {
            if (TryRecover(recovery, auth, recoveryId, offset) is { } recovered)
            {
                return recovered;
            }

            // Who has it may be at closing its old connection, and those that had it before send the question round.
            await Task.Delay(attempt * Pause, server.Time);
        }

        return false;
    }

    private static string? Text(JsonElement auth, ReadOnlySpan<byte> name) =>
        auth.ValueKind == JsonValueKind.Object && auth.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    /// <summary>Gives the client its lost socket. False when something that it missed is no longer there; null when the socket is not.</summary>
    private bool? TryRecover(RecoveryLog recovery, JsonElement auth, string recoveryId, string? offset)
    {
        Socket socket;
        lock (recovery.Order)
        {
            if (recovery.Take(recoveryId, offset) is not { } lost)
            {
                return recovery.Knows(recoveryId) ? false : null;
            }

            socket = new Socket(owner, connection, new SocketHandshake(connection.Session.Handshake, auth), lost);
            if (!Enter(socket))
            {
                recovery.Keep(lost);
                socket.Ticket!.SetLeft();
                return true;
            }

            socket.Join(lost.Rooms);

            // Before the answer: the client holds events back until it has that, and emits them in order.
            foreach (var missed in lost.Missed)
            {
                SendMissed(socket, missed);
            }

            Answer(socket);
        }

        StartHandlers(socket);
        return true;
    }

    private void SendMissed(Socket socket, MissedEvent missed)
    {
        var message = MessagePool.Rent();
        try
        {
            owner.Encode(message, missed.Event.WithOffset(missed.Offset), missed.Event.Attachments, Packet.NoAck);
            socket.Deliver(message, isVolatile: false);
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
        socket.SetConnected();
        if (!owner.Rooms.TryAdd(socket))
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
        foreach (var handler in owner.ConnectHandlers.Connected)
        {
            _ = RunAsync(handler, socket);
        }
    }

    private async Task RunAsync(Func<Socket, Task> handler, Socket socket)
    {
        try
        {
            await handler(socket);
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
