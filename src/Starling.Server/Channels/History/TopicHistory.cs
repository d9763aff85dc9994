namespace Starling.Server.Channels.History;

/// <summary>The publications of one topic that are still kept, oldest first. Guarded by the lock of the whole history.</summary>
internal sealed class TopicHistory(string topic)
{
    private readonly List<Publication> _publications = [];
    private int _head;

    public string Topic { get; } = topic;

    /// <summary>What was forgotten.</summary>
    public OffsetTable Forgotten { get; } = new();

    public long Bytes { get; private set; }

    public int Count => _publications.Count - _head;

    public Publication Oldest => _publications[_head];

    public void Add(Publication publication)
    {
        _publications.Add(publication);
        Bytes += publication.Size;
    }

    /// <summary>Takes the oldest one out.</summary>
    public Publication RemoveOldest()
    {
        var oldest = _publications[_head];
        _publications[_head++] = null!;
        Bytes -= oldest.Size;
        Forgotten.Advance(oldest.Epoch, oldest.Offset);
        if (_head > 64 && _head > _publications.Count / 2)
        {
            _publications.RemoveRange(0, _head);
            _head = 0;
        }

        return oldest;
    }

    /// <summary>Index of the first publication after a sequence number, for <see cref="At"/>.</summary>
    public int IndexAfter(long sequence)
    {
        int low = _head, high = _publications.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_publications[middle].Sequence <= sequence)
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

    public Publication? At(int index) => index < _publications.Count ? _publications[index] : null;
}
