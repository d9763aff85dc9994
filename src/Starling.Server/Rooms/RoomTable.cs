using Starling.Server.Sockets;

namespace Starling.Server.Rooms;

/// <summary>
/// The rooms of one namespace on this node. Every socket is also alone in a room named by its id, which needs no <see cref="Room"/>.
/// </summary>
/// <remarks>Thread-safe by one lock, held for look-ups and changes but never while anything is sent.</remarks>
internal sealed class RoomTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Socket> _byId = new(StringComparer.Ordinal);
    private readonly Room _everyone = new();

    public int SocketCount
    {
        get
        {
            lock (_gate)
            {
                return _byId.Count;
            }
        }
    }

    /// <summary>Adds a connected socket, also to the rooms that it joined before; false when its id is taken.</summary>
    public bool TryAdd(Socket socket)
    {
        lock (_gate)
        {
            if (!_byId.TryAdd(socket.Id, socket))
            {
                return false;
            }

            _everyone.Add(socket);
            if (socket.JoinedRooms is { } rooms)
            {
                foreach (var name in rooms)
                {
                    Add(name, socket);
                }
            }

            return true;
        }
    }

    /// <summary>Removes a socket from all its rooms and returns those, its own among them.</summary>
    public string[] Remove(Socket socket)
    {
        lock (_gate)
        {
            if (!IsHere(socket))
            {
                return [];
            }

            _byId.Remove(socket.Id);
            _everyone.Remove(socket);
            string[] rooms = [socket.Id, .. socket.JoinedRooms ?? []];
            foreach (var room in rooms.AsSpan(1))
            {
                RemoveFrom(room, socket);
            }

            socket.JoinedRooms = null;
            return rooms;
        }
    }

    /// <summary>The socket with this id.</summary>
    public Socket? Find(string id)
    {
        lock (_gate)
        {
            return _byId.GetValueOrDefault(id);
        }
    }

    public void Join(Socket socket, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            var isHere = IsHere(socket);
            if (!isHere && !socket.IsConnecting)
            {
                // The socket has left in the meantime.
                return;
            }

            foreach (var name in rooms)
            {
                ArgumentNullException.ThrowIfNull(name);
                if (name != socket.Id && (socket.JoinedRooms ??= new(StringComparer.Ordinal)).Add(name) && isHere)
                {
                    Add(name, socket);
                }
            }
        }
    }

    public void Leave(Socket socket, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            foreach (var name in rooms)
            {
                if (socket.JoinedRooms?.Remove(name) == true)
                {
                    RemoveFrom(name, socket);
                }
            }
        }
    }

    public string[] RoomsOf(Socket socket)
    {
        lock (_gate)
        {
            return IsHere(socket) ? [socket.Id, .. socket.JoinedRooms ?? []]
                : socket.IsConnecting ? [.. socket.JoinedRooms ?? []]
                : [];
        }
    }

    public string[] RoomNames()
    {
        lock (_gate)
        {
            return [.. _rooms.Keys];
        }
    }

    /// <summary>The sockets that a target means, each once, in an array that never changes.</summary>
    public Socket[] Select(BroadcastTarget target)
    {
        lock (_gate)
        {
            var included = target.Rooms.Length switch
            {
                0 => _everyone.Snapshot(),
                1 => SnapshotOf(target.Rooms[0]),
                _ => Union(target.Rooms),
            };
            return target.Except.Length == 0 || included.Length == 0 ? included : Without(included, target.Except);
        }
    }

    private Socket[] SnapshotOf(string name) =>
        _rooms.TryGetValue(name, out var room) ? room.Snapshot()
        : _byId.TryGetValue(name, out var socket) ? [socket]
        : [];

    private Socket[] Union(string[] names)
    {
        var union = new HashSet<Socket>();
        foreach (var name in names)
        {
            union.UnionWith(SnapshotOf(name));
        }

        return [.. union];
    }

    private Socket[] Without(Socket[] sockets, string[] names)
    {
        var excluded = SnapshotOf(names[0]);
        if (names.Length == 1 && excluded.Length <= 1)
        {
            // The most frequent case by far: everybody but the sender.
            return excluded.Length == 0 ? sockets : WithoutOne(sockets, excluded[0]);
        }

        var set = new HashSet<Socket>(Union(names));
        return System.Array.FindAll(sockets, socket => !set.Contains(socket));
    }

    private static Socket[] WithoutOne(Socket[] sockets, Socket excluded)
    {
        var index = System.Array.IndexOf(sockets, excluded);
        return index < 0 ? sockets : [.. sockets.AsSpan(0, index), .. sockets.AsSpan(index + 1)];
    }

    private bool IsHere(Socket socket) => _byId.TryGetValue(socket.Id, out var present) && present == socket;

    private void Add(string name, Socket socket)
    {
        if (!_rooms.TryGetValue(name, out var room))
        {
            _rooms[name] = room = new Room();
        }

        room.Add(socket);
    }

    private void RemoveFrom(string name, Socket socket)
    {
        if (_rooms.TryGetValue(name, out var room))
        {
            room.Remove(socket);
            if (room.Count == 0)
            {
                _rooms.Remove(name);
            }
        }
    }
}
