using System.Collections.Concurrent;
using Starling.Documents.ShareDb;
using Starling.Documents.Storage;
using Starling.Documents.Subscriptions;
using Starling.Ot;

namespace Starling.Documents.Submission;

/// <summary>
/// An operation in memory: what is stored, with its parsed form and its messages, which are made once and shared by all who need them.
/// Thread-safe.
/// </summary>
/// <param name="key">The document.</param>
/// <param name="operation">What is stored.</param>
/// <param name="parsed">Its parsed form if that is known already.</param>
/// <param name="submittedAs">The collection or projection that its sender knows the document by.</param>
internal sealed class CommittedOperation(DocumentKey key, DocumentOperation operation, IOtOperation? parsed, string submittedAs)
{
    private IOtOperation? _parsed = parsed;
    private byte[]? _message;
    private ConcurrentDictionary<Projection, byte[]>? _projected;

    public DocumentKey Key { get; } = key;

    public DocumentOperation Operation { get; } = operation;

    public string SubmittedAs { get; } = submittedAs;

    public long Version => Operation.Version;

    /// <summary>About how much memory it takes.</summary>
    public int Size => 200 + Operation.Data.Length;

    public IOtOperation Parse(IOtType type) => _parsed ??= type.ReadOperation(Operation.Data.Span);

    /// <summary>The message that tells clients of the operation, as they know the document.</summary>
    /// <param name="projection">The projection that they see it through, or null.</param>
    public ReadOnlySpan<byte> GetMessage(Projection? projection)
    {
        if (projection is null)
        {
            return _message ??= OperationMessage.Encode(Key.Collection, Key.Id, Operation);
        }

        if (_projected is null)
        {
            Interlocked.CompareExchange(ref _projected, new ConcurrentDictionary<Projection, byte[]>(), null);
        }

        return _projected.GetOrAdd(
            projection, static (seenAs, self) => OperationMessage.Encode(seenAs.Name, self.Key.Id, seenAs.Apply(self.Operation)), this);
    }
}
