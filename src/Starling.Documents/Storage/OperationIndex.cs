using System.Runtime.InteropServices;

namespace Starling.Documents.Storage;

/// <summary>The versions of a document's operations by their identity. A source numbers its operations upwards, so a sorted list for each is enough.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class OperationIndex
{
    private readonly Dictionary<string, List<(long Sequence, long Version)>> _sources = new(StringComparer.Ordinal);

    /// <summary>The version of an operation, or null.</summary>
    public long? Find(OperationId id)
    {
        if (!_sources.TryGetValue(id.Source, out var list))
        {
            return null;
        }

        var place = Place(list, id.Sequence);
        return place < list.Count && list[place].Sequence == id.Sequence ? list[place].Version : null;
    }

    /// <summary>Adds an operation that is not there.</summary>
    public void Add(OperationId id, long version)
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, id.Source, out _);
        list ??= [];
        list.Insert(Place(list, id.Sequence), (id.Sequence, version));
    }

    /// <summary>Removes an operation that is there.</summary>
    public void Remove(OperationId id)
    {
        var list = _sources[id.Source];
        list.RemoveAt(Place(list, id.Sequence));
        if (list.Count == 0)
        {
            _sources.Remove(id.Source);
        }
    }

    // Where the sequence is, or belongs; mostly behind all others.
    private static int Place(List<(long Sequence, long Version)> list, long sequence)
    {
        if (list.Count == 0 || list[^1].Sequence < sequence)
        {
            return list.Count;
        }

        var (low, high) = (0, list.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = list[middle].Sequence < sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
