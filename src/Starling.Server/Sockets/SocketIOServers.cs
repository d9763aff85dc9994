namespace Starling.Server.Sockets;

/// <summary>The Socket.IO servers of an application. Owner: the application. Thread-safe.</summary>
internal sealed class SocketIOServers
{
    private readonly Lock _gate = new();
    private SocketIOServer[] _all = [];

    public IReadOnlyList<SocketIOServer> All => Volatile.Read(ref _all);

    public void Add(SocketIOServer server)
    {
        lock (_gate)
        {
            _all = [.. _all, server];
        }
    }
}
