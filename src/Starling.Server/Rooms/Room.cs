using Starling.Server.Sockets;

namespace Starling.Server.Rooms;

/// <summary>A set of sockets whose snapshot for broadcasts is made once per change. Guarded by its <see cref="RoomTable"/>.</summary>
internal sealed class Room
{
    private readonly HashSet<Socket> _sockets = [];
    private Socket[]? _snapshot;

    public int Count => _sockets.Count;

    public bool Add(Socket socket)
    {
        _snapshot = null;
        return _sockets.Add(socket);
    }

    public bool Remove(Socket socket)
    {
        _snapshot = null;
        return _sockets.Remove(socket);
    }

    /// <summary>The sockets at this moment, in an array that never changes.</summary>
    public Socket[] Snapshot() => _snapshot ??= [.. _sockets];
}
