namespace Starling.Server.Sockets.Recovery;

/// <summary>The lost sockets of a log by their recovery ids; the oldest are forgotten when the server has too many. Not thread-safe.</summary>
/// <param name="limit">Counts the lost sockets of all logs of the server.</param>
internal sealed class LostSockets(LostSocketLimit limit)
{
    private readonly Dictionary<string, RecoveredSocket> _byId = new(StringComparer.Ordinal);
    private readonly Queue<RecoveredSocket> _byAge = new();

    public int Count => _byId.Count;

    public bool Contains(string recoveryId) => _byId.ContainsKey(recoveryId);

    public RecoveredSocket? Find(string recoveryId) => _byId.GetValueOrDefault(recoveryId);

    public void Remove(string recoveryId)
    {
        if (_byId.Remove(recoveryId))
        {
            limit.Remove(1);
        }
    }

    public void Add(RecoveredSocket socket)
    {
        Remove(socket.Ticket.Id);
        _byId[socket.Ticket.Id] = socket;
        _byAge.Enqueue(socket);
        limit.Add();
        while (limit.IsExceeded && _byAge.TryDequeue(out var oldest))
        {
            Forget(oldest);
        }

        // Clients that came back leave their place in the order of age, so that one that comes and goes would fill it.
        if (_byAge.Count > 64 && _byAge.Count > 2 * _byId.Count)
        {
            var kept = _byAge.Where(IsKept).ToArray();
            _byAge.Clear();
            foreach (var each in kept)
            {
                _byAge.Enqueue(each);
            }
        }
    }

    public List<RecoveredSocket> TakeAll()
    {
        var all = _byId.Values.ToList();
        limit.Remove(all.Count);
        _byId.Clear();
        _byAge.Clear();
        return all;
    }

    /// <summary>Forgets sockets that were lost too long ago.</summary>
    public void Trim(DateTimeOffset oldest)
    {
        while (_byAge.TryPeek(out var socket) && (socket.LostAt < oldest || !IsKept(socket)))
        {
            _byAge.Dequeue();
            Forget(socket);
        }
    }

    private bool IsKept(RecoveredSocket socket) => _byId.TryGetValue(socket.Ticket.Id, out var kept) && ReferenceEquals(kept, socket);

    private void Forget(RecoveredSocket socket)
    {
        if (IsKept(socket))
        {
            Remove(socket.Ticket.Id);
        }
    }
}
