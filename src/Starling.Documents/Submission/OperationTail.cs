namespace Starling.Documents.Submission;

/// <summary>The newest operations of a document that is in use, without a gap, so that most transformations need not ask the store.</summary>
/// <remarks>Owner: the document's loop; not thread-safe.</remarks>
internal sealed class OperationTail(int maxCount, int maxBytes)
{
    private readonly List<CommittedOperation> _operations = [];
    private int _start;
    private int _bytes;

    public int Count => _operations.Count - _start;

    /// <summary>About how much memory the held operations take.</summary>
    public long Bytes => _bytes;

    /// <summary>The version of the oldest operation that is held; meaningless when none is.</summary>
    public long First => _operations[_start].Version;

    public void Add(CommittedOperation operation)
    {
        _operations.Add(operation);
        _bytes += operation.Size;
        while (Count > maxCount || (_bytes > maxBytes && Count > 1))
        {
            _bytes -= _operations[_start].Size;
            _operations[_start++] = null!;
        }

        if (_start > maxCount)
        {
            _operations.RemoveRange(0, _start);
            _start = 0;
        }
    }

    /// <summary>The held operations from a version on.</summary>
    public ReadOnlySpan<CommittedOperation> From(long version)
    {
        if (Count == 0)
        {
            return [];
        }

        var skip = (int)Math.Clamp(version - First, 0, Count);
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_operations)[(_start + skip)..];
    }

    public void Clear()
    {
        _operations.Clear();
        _start = _bytes = 0;
    }
}
