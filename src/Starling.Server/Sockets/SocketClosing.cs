using Starling.Server.Diagnostics;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>
/// The steps by which a socket leaves its namespace, in order: the events that were received are handled, the application is told, the
/// socket leaves its rooms, its services are disposed.
/// </summary>
internal static class SocketClosing
{
    public static async Task RunAsync(Namespace owner, Socket socket, DisconnectReason reason)
    {
        // Not the end of the last handler: what is stored from now on does not reach the client.
        var lostAt = owner.Server.Time.GetUtcNow();

        // Events of a client that the application has put out are not wanted any more.
        var events = socket.CompleteEventsAsync(drops: reason.IsByApplication());
        socket.Abort();
        await events;
        await RunHandlersAsync(owner.Handlers.Disconnecting, socket, reason);
        await RunHandlersAsync(socket.HandlersOrNull?.Disconnecting ?? [], socket, reason);
        Leave(owner, socket, reason, lostAt);

        owner.Server.Metrics.SocketDisconnected(owner.Name);
        owner.Server.Logger.SocketDisconnected(socket.Id, owner.Name, reason);
        await RunHandlersAsync(owner.Handlers.Disconnected, socket, reason);
        await RunHandlersAsync(socket.HandlersOrNull?.Disconnected ?? [], socket, reason);
        await socket.ReleaseAsync();
    }

    private static void Leave(Namespace owner, Socket socket, DisconnectReason reason, DateTimeOffset lostAt)
    {
        if (owner.Recovery is not { } recovery || socket.Ticket is not { } ticket)
        {
            owner.Rooms.Remove(socket);
            return;
        }

        // In one step, so that whoever asks for the socket finds it either here or there.
        lock (recovery.Order)
        {
            var rooms = owner.Rooms.Remove(socket);
            if (rooms.Length > 0 && reason.IsRecoverable())
            {
                recovery.Keep(new RecoveredSocket(socket.Id, ticket, rooms, socket.Data, lostAt));
            }
        }

        ticket.SetLeft();
    }

    private static async ValueTask RunHandlersAsync(
        Func<Socket, DisconnectReason, Task>[] handlers, Socket socket, DisconnectReason reason)
    {
        foreach (var handler in handlers)
        {
            try
            {
                await handler(socket, reason);
            }
            catch (Exception exception)
            {
                Events.EventDispatcher.Report(socket, "disconnect", exception);
            }
        }
    }
}
