using Starling.Documents.Storage;

namespace Starling.Documents.Middleware;

/// <summary>Snapshots on their way to a client.</summary>
public sealed class ReadSnapshotsContext
{
    private readonly List<DocumentSnapshot> _snapshots;
    private Dictionary<string, DocumentException>? _rejections;

    internal ReadSnapshotsContext(DocumentSession session, string collection, SnapshotReadKind kind, List<DocumentSnapshot> snapshots)
    {
        Session = session;
        Collection = collection;
        Kind = kind;
        _snapshots = snapshots;
    }

    /// <summary>Who reads them.</summary>
    public DocumentSession Session { get; }

    /// <summary>The collection; never a projection.</summary>
    public string Collection { get; }

    /// <summary>Why they are read.</summary>
    public SnapshotReadKind Kind { get; }

    /// <summary>The snapshots, reduced to what the client's projection shows.</summary>
    public IReadOnlyList<DocumentSnapshot> Snapshots => _snapshots;

    internal IReadOnlyDictionary<string, DocumentException>? Rejections => _rejections;

    /// <summary>Keeps one snapshot from the client, which gets an error in its place.</summary>
    /// <param name="id">The document's id.</param>
    /// <param name="reason">The error.</param>
    public void Reject(string id, DocumentException reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        (_rejections ??= new Dictionary<string, DocumentException>(StringComparer.Ordinal))[id] = reason;
    }

    /// <summary>Keeps one snapshot from the client, whose user is not told.</summary>
    /// <param name="id">The document's id.</param>
    /// <param name="message">Why, for the client's program.</param>
    public void RejectSilently(string id, string message) =>
        Reject(id, new DocumentException(DocumentErrors.SnapshotReadSilentRejection, message));

    /// <summary>Sends other content in place of a snapshot's own. What is stored stays as it is.</summary>
    /// <param name="snapshot">One of <see cref="Snapshots"/>.</param>
    /// <param name="data">The content as UTF-8 JSON.</param>
    public void Replace(DocumentSnapshot snapshot, ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var index = _snapshots.IndexOf(snapshot);
        ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(snapshot));
        _snapshots[index] = snapshot with { Data = data };
    }
}
