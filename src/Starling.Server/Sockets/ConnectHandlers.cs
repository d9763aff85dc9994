namespace Starling.Server.Sockets;

/// <summary>What runs when a client joins a namespace.</summary>
internal sealed class ConnectHandlers
{
    private readonly Lock _gate = new();

    public Func<Socket, CancellationToken, ValueTask>[] Middleware { get; private set; } = [];

    public ConnectHandler[] Connected { get; private set; } = [];

    public void AddMiddleware(Func<Socket, CancellationToken, ValueTask> middleware)
    {
        lock (_gate)
        {
            Middleware = [.. Middleware, middleware];
        }
    }

    public void AddConnected(ConnectHandler handler)
    {
        lock (_gate)
        {
            Connected = [.. Connected, handler];
        }
    }
}
