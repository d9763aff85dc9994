using Starling.Server.Diagnostics;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>The steps by which a socket leaves its namespace, in order.</summary>
internal static class SocketClosing
{
    public static async Task RunAsync(Namespace owner, Socket socket, DisconnectReason reason)
    {
        await RunHandlersAsync(owner.Handlers.Disconnecting, socket, reason);
        await RunHandlersAsync(socket.HandlersOrNull?.Disconnecting ?? [], socket, reason);
        Leave(owner, socket, reason);

        owner.Server.Metrics.SocketDisconnected(owner.Name);
        owner.Server.Logger.SocketDisconnected(socket.Id, owner.Name, reason);
        await RunHandlersAsync(owner.Handlers.Disconnected, socket, reason);
        await RunHandlersAsync(socket.HandlersOrNull?.Disconnected ?? [], socket, reason);
        await socket.ReleaseAsync();
    }

    private static void Leave(Namespace owner, Socket socket, DisconnectReason reason)
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
                recovery.Keep(new RecoveredSocket(socket.Id, ticket, rooms, socket.Data, owner.Server.Time.GetUtcNow()));
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
