using Starling.Server.Sessions;
using Starling.Server.Sockets.Events;
using Starling.Server.Sockets.Limits;

namespace Starling.Server.Sockets;

/// <summary>The handlers of one socket, or those that all sockets of a namespace share.</summary>
internal sealed class SocketHandlers
{
    private readonly Lock _gate = new();

    public EventTable Events { get; } = new();

    public EventLimits Limits { get; } = new();

    public Func<SocketEvent, Task>[] Any { get; private set; } = [];

    public Func<SocketEvent, CancellationToken, ValueTask>[] Middleware { get; private set; } = [];

    public Action<Socket, string>[] AnyOutgoing { get; private set; } = [];

    public Func<Socket, DisconnectReason, Task>[] Disconnecting { get; private set; } = [];

    public Func<Socket, DisconnectReason, Task>[] Disconnected { get; private set; } = [];

    /// <summary>Whether an event must be turned into an object because somebody wants to see all of them.</summary>
    public bool WantsAll => Any.Length > 0 || Middleware.Length > 0;

    public void AddAny(Func<SocketEvent, Task> handler) => Add(() => Any = [.. Any, handler]);

    public void AddMiddleware(Func<SocketEvent, CancellationToken, ValueTask> middleware) =>
        Add(() => Middleware = [.. Middleware, middleware]);

    public void AddAnyOutgoing(Action<Socket, string> handler) => Add(() => AnyOutgoing = [.. AnyOutgoing, handler]);

    public void AddDisconnecting(Func<Socket, DisconnectReason, Task> handler) => Add(() => Disconnecting = [.. Disconnecting, handler]);

    public void AddDisconnected(Func<Socket, DisconnectReason, Task> handler) => Add(() => Disconnected = [.. Disconnected, handler]);

    private void Add(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }
}
