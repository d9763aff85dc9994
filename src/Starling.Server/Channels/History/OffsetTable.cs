namespace Starling.Server.Channels.History;

/// <summary>The highest offset of something in each epoch. Guarded by its owner's lock.</summary>
internal sealed class OffsetTable
{
    private readonly List<(string Epoch, long Offset)> _offsets = [];

    public void Advance(string epoch, long offset)
    {
        for (var i = 0; i < _offsets.Count; i++)
        {
            if (_offsets[i].Epoch == epoch)
            {
                _offsets[i] = (epoch, Math.Max(offset, _offsets[i].Offset));
                return;
            }
        }

        _offsets.Add((epoch, offset));
    }

    public void Advance(OffsetTable other)
    {
        foreach (var (epoch, offset) in other._offsets)
        {
            Advance(epoch, offset);
        }
    }

    public void Remove(string epoch) => _offsets.RemoveAll(item => item.Epoch == epoch);

    /// <summary>Whether something lies after a cursor.</summary>
    public bool IsAfter(Cursor cursor)
    {
        foreach (var (epoch, offset) in _offsets)
        {
            if (offset > cursor.OffsetOf(epoch))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The cursor, moved beyond everything here.</summary>
    public Cursor Raise(Cursor cursor)
    {
        foreach (var (epoch, offset) in _offsets)
        {
            if (offset > cursor.OffsetOf(epoch))
            {
                cursor = cursor.With(epoch, offset);
            }
        }

        return cursor;
    }
}
