using System.Buffers;
using Starling.Documents.Storage;
using Starling.Ot;
using Starling.Ot.RichText;

namespace Starling.Apps.Editor.History;

/// <summary>
/// The past of one text in which every insert carries its author: the log is replayed with that attribute added. Versions passed on the way
/// are kept now and then, which costs little since snapshots share what they have in common.
/// </summary>
internal sealed class Attribution(Func<long, long, CancellationToken, Task<IReadOnlyList<DocumentOperation>>> read)
{
    private const int CheckpointInterval = 250;

    private readonly RichTextType _type = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SortedList<long, IOtSnapshot> _checkpoints = [];

    /// <summary>The text at a version, which must be one that the log has reached.</summary>
    public async Task<AttributedText> AtAsync(long version, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var (start, snapshot) = Checkpoint(version);
            var operations = await read(Math.Min(start, version - 1), version, cancellationToken);
            foreach (var operation in operations)
            {
                if (operation.Version >= start)
                {
                    snapshot = Apply(snapshot, operation);
                    Keep(operation.Version + 1, snapshot);
                }
            }

            var contents = new ArrayBufferWriter<byte>();
            snapshot.WriteTo(contents);
            return new AttributedText(version, operations[^1].Time, operations[^1].Author, contents.WrittenMemory);
        }
        finally
        {
            _gate.Release();
        }
    }

    private (long Version, IOtSnapshot Snapshot) Checkpoint(long version)
    {
        for (var i = _checkpoints.Count - 1; i >= 0; i--)
        {
            if (_checkpoints.Keys[i] <= version)
            {
                return (_checkpoints.Keys[i], _checkpoints.Values[i]);
            }
        }

        return (0, Empty);
    }

    private void Keep(long version, IOtSnapshot snapshot)
    {
        if (version % CheckpointInterval == 0)
        {
            _checkpoints[version] = snapshot;
        }
    }

    private IOtSnapshot Empty => _type.ReadSnapshot([]);

    private IOtSnapshot Apply(IOtSnapshot snapshot, DocumentOperation operation) => operation.Kind switch
    {
        OperationKind.Delete => Empty,
        OperationKind.Create => _type.ReadSnapshot(AuthoredDelta.Mark(operation.Data, operation.Author)),
        _ => _type.Apply(snapshot, _type.ReadOperation(AuthoredDelta.Mark(operation.Data, operation.Author))),
    };
}
