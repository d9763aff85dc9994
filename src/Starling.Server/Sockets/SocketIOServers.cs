namespace Starling.Server.Sockets;

/// <summary>The Socket.IO servers of an application, by their paths. Owner: the application. Thread-safe.</summary>
internal sealed class SocketIOServers
{
    private readonly Lock _gate = new();
    private (string Path, SocketIOServer Server)[] _all = [];

    public IEnumerable<SocketIOServer> All => Volatile.Read(ref _all).Select(static one => one.Server);

    /// <summary>The server, if there is one only.</summary>
    /// <exception cref="InvalidOperationException">There is none yet, or there are several.</exception>
    public SocketIOServer Only => Volatile.Read(ref _all) switch
    {
        [var (_, server)] => server,
        [] => throw new InvalidOperationException("There is no Socket.IO server yet: call app.MapSocketIO() before anything asks for it."),
        var several => throw new InvalidOperationException(
            $"There are several Socket.IO servers; ask for one by its path, for example [FromKeyedServices(\"{several[0].Path}\")]."),
    };

    /// <summary>Finds the server at a path.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public SocketIOServer At(string path)
    {
        var all = Volatile.Read(ref _all);
        return Array.Find(all, one => one.Path == path).Server ?? throw new InvalidOperationException(
            $"There is no Socket.IO server at {path}; " + (all.Length == 0 ? "call app.MapSocketIO() first." : $"there are {string.Join(", ", all.Select(static one => one.Path))}."));
    }

    public void Add(string path, SocketIOServer server)
    {
        lock (_gate)
        {
            _all = [.. _all, (path, server)];
        }
    }
}
