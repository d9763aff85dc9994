namespace Starling.Documents.ShareDb;

/// <summary>
/// Remembers for a minute into which presence channels clients sent that have lost their connection, so that they can be asked for it when they
/// are back. Keeps the names of the channels and nothing else. Thread-safe.
/// </summary>
internal sealed class DepartedPresences(TimeProvider time)
{
    private const int MostClients = 1000;
    private const int MostChannels = 20;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Id, string? User), (string[] Channels, long Since)> _clients = [];
    private readonly Queue<((string Id, string? User) Client, long Since)> _order = new();

    public void Add(string id, string? user, string[] channels)
    {
        if (channels.Length == 0)
        {
            return;
        }

        lock (_gate)
        {
            var now = time.GetTimestamp();
            _clients[(id, user)] = (channels.Length > MostChannels ? channels[..MostChannels] : channels, now);
            _order.Enqueue(((id, user), now));
            while (_order.TryPeek(out var oldest) && (_order.Count > MostClients || time.GetElapsedTime(oldest.Since, now) > KeptFor))
            {
                _order.Dequeue();
                if (_clients.TryGetValue(oldest.Client, out var kept) && kept.Since == oldest.Since)
                {
                    _clients.Remove(oldest.Client);
                }
            }
        }
    }

    /// <summary>The channels of a client, which are then forgotten.</summary>
    public string[] Take(string id, string? user)
    {
        lock (_gate)
        {
            return _clients.Remove((id, user), out var kept) && time.GetElapsedTime(kept.Since) <= KeptFor ? kept.Channels : [];
        }
    }
}
