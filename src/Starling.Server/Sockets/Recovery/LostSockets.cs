namespace Starling.Server.Sockets.Recovery;

/// <summary>The lost sockets of a log by their recovery ids. Not thread-safe.</summary>
internal sealed class LostSockets
{
    private readonly Dictionary<string, RecoveredSocket> _byId = new(StringComparer.Ordinal);
    private readonly Queue<RecoveredSocket> _byAge = new();

    public int Count => _byId.Count;

    public bool Contains(string recoveryId) => _byId.ContainsKey(recoveryId);

    public RecoveredSocket? Find(string recoveryId) => _byId.GetValueOrDefault(recoveryId);

    public void Remove(string recoveryId) => _byId.Remove(recoveryId);

    public void Add(RecoveredSocket socket)
    {
        _byId[socket.Ticket.Id] = socket;
        _byAge.Enqueue(socket);
    }

    public List<RecoveredSocket> TakeAll()
    {
        var all = _byId.Values.ToList();
        _byId.Clear();
        _byAge.Clear();
        return all;
    }

    /// <summary>Forgets sockets that were lost too long ago.</summary>
    public void Trim(DateTimeOffset oldest)
    {
        while (_byAge.TryPeek(out var socket)
            && (socket.LostAt < oldest || !_byId.TryGetValue(socket.Ticket.Id, out var kept) || !ReferenceEquals(kept, socket)))
        {
            _byAge.Dequeue();
            if (_byId.TryGetValue(socket.Ticket.Id, out var present) && ReferenceEquals(present, socket))
            {
                _byId.Remove(socket.Ticket.Id);
            }
        }
    }
}
