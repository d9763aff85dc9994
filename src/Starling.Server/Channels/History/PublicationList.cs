namespace Starling.Server.Channels.History;

/// <summary>Publications in the order in which this node took them in; taken out at the front. Guarded by the lock of the whole history.</summary>
internal sealed class PublicationList
{
    private readonly List<Publication> _items = [];
    private int _head;

    public int Count => _items.Count - _head;

    /// <summary>The first one; there must be one.</summary>
    public Publication Oldest => _items[_head];

    public IEnumerable<Publication> All => _items.Skip(_head);

    public void Add(Publication publication) => _items.Add(publication);

    /// <summary>Takes the first one out.</summary>
    public Publication RemoveOldest()
    {
        var oldest = _items[_head];
        _items[_head++] = null!;
        if (_head > 64 && _head > _items.Count / 2)
        {
            _items.RemoveRange(0, _head);
            _head = 0;
        }

        return oldest;
    }

    /// <summary>Drops those that are not retained by any topic.</summary>
    public void Compact()
    {
        _items.RemoveRange(0, _head);
        _head = 0;
        _items.RemoveAll(static publication => publication.Retained == 0);
    }

    /// <summary>Index of the first publication after a sequence number, for <see cref="At"/>.</summary>
    public int IndexAfter(long sequence)
    {
        int low = _head, high = _items.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_items[middle].Sequence <= sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    public Publication? At(int index) => index < _items.Count ? _items[index] : null;
}
