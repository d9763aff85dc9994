using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>Which entries there are, in the order of their last use. Not thread-safe. Owner: <see cref="EntryStore"/>.</summary>
internal sealed class EntryIndex
{
    private readonly Dictionary<long, LinkedListNode<StoredEntry>> _byNumber = [];
    private readonly Dictionary<string, long> _byUrl = new(StringComparer.Ordinal);
    private readonly LinkedList<StoredEntry> _byUse = new();

    public int Count => _byNumber.Count;

    /// <summary>Bytes of all bodies.</summary>
    public long Bytes { get; private set; }

    /// <summary>The one that was not used for longest.</summary>
    public StoredEntry? Oldest => _byUse.First?.Value;

    public void Add(StoredEntry stored)
    {
        _byNumber.Add(stored.Entry.Number, _byUse.AddLast(stored));
        _byUrl[stored.Entry.Head.Url] = stored.Entry.Number;
        Bytes += stored.Entry.Size;
    }

    public StoredEntry? Find(long number) => _byNumber.GetValueOrDefault(number)?.Value;

    /// <summary>The newest of an address.</summary>
    public StoredEntry? Find(string url) => _byUrl.TryGetValue(url, out var number) ? Find(number) : null;

    public void Use(StoredEntry stored)
    {
        var node = _byNumber[stored.Entry.Number];
        _byUse.Remove(node);
        _byUse.AddLast(node);
    }

    public void Remove(StoredEntry stored)
    {
        if (_byNumber.Remove(stored.Entry.Number, out var node))
        {
            _byUse.Remove(node);
            Bytes -= stored.Entry.Size;
            if (_byUrl.GetValueOrDefault(stored.Entry.Head.Url) == stored.Entry.Number)
            {
                _byUrl.Remove(stored.Entry.Head.Url);
            }
        }
    }

    public Entry[] All() => [.. _byUse.Select(stored => stored.Entry).OrderBy(entry => entry.Number)];

    public StoredEntry[] Expired(DateTimeOffset now) => [.. _byUse.Where(stored => stored.Entry.Expires <= now)];
}
