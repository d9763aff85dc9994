using System.Text;

namespace Starling.Server.Sockets.Events;

/// <summary>
/// Listeners by the name of their event. Names are looked up as they stand in the packet, without making a string.
/// Reading is lock-free; adding copies, since it is rare.
/// </summary>
internal sealed class EventTable
{
    private readonly Lock _gate = new();
    private volatile Dictionary<byte[], EventListener[]> _listeners = new(Utf8Comparer.Instance);

    public bool IsEmpty => _listeners.Count == 0;

    public void Add(string name, EventListener listener)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Starling.Protocol.SocketIo.ReservedEvents.Contains(name))
        {
            throw new ArgumentException($"\"{name}\" is an event of the protocol; use OnConnection or OnDisconnect.", nameof(name));
        }

        var key = Encoding.UTF8.GetBytes(name);
        lock (_gate)
        {
            var listeners = new Dictionary<byte[], EventListener[]>(_listeners, Utf8Comparer.Instance);
            listeners[key] = listeners.TryGetValue(key, out var present) ? [.. present, listener] : [listener];
            _listeners = listeners;
        }
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            var listeners = new Dictionary<byte[], EventListener[]>(_listeners, Utf8Comparer.Instance);
            listeners.Remove(Encoding.UTF8.GetBytes(name));
            _listeners = listeners;
        }
    }

    public EventListener[] Find(ReadOnlySpan<byte> name) =>
        _listeners.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var listeners) ? listeners : [];
}
