using System.Buffers;
using Starling.Documents.Storage;
using Starling.Ot;

namespace Starling.Documents.Submission;

/// <summary>A document at one version, as its type sees it. Immutable; its JSON is made when first asked for and kept.</summary>
internal sealed class DocumentState(DocumentKey key, long version)
{
    private DocumentSnapshot? _snapshot;

    public DocumentKey Key { get; } = key;

    public long Version { get; } = version;

    /// <summary>Null when the document does not exist.</summary>
    public IOtType? Type { get; init; }

    /// <summary>Null when the document does not exist.</summary>
    public IOtSnapshot? Content { get; init; }

    public long CreatedTime { get; init; }

    public long ModifiedTime { get; init; }

    /// <summary>The JSON has at most about as many bytes. Set by whoever makes the state, before others see it.</summary>
    public int SizeBound { get; set; }

    public static DocumentState Read(DocumentSnapshot snapshot, DocumentTypes types)
    {
        var type = snapshot.Type is null ? null : types.Get(snapshot.Type);
        return new DocumentState(snapshot.Key, snapshot.Version)
        {
            Type = type,
            Content = type?.ReadSnapshot(snapshot.Data.Span),
            CreatedTime = snapshot.CreatedTime,
            ModifiedTime = snapshot.ModifiedTime,
            SizeBound = snapshot.Data.Length,
            _snapshot = snapshot,
        };
    }

    /// <summary>The same as a stored or sent snapshot.</summary>
    public DocumentSnapshot ToSnapshot() => _snapshot ??= new DocumentSnapshot
    {
        Key = Key,
        Version = Version,
        Type = Type?.Uri,
        Data = Encode(Content),
        CreatedTime = CreatedTime,
        ModifiedTime = ModifiedTime,
    };

    /// <summary>The next version.</summary>
    /// <exception cref="DocumentException">The operation does not fit.</exception>
    public DocumentState Apply(OperationKind kind, IOtType? type, IOtOperation? operation, ReadOnlyMemory<byte> data, long time)
    {
        try
        {
            return kind switch
            {
                OperationKind.Create when Type is not null =>
                    throw new DocumentException(DocumentErrors.AlreadyCreated, "Document already exists"),
                OperationKind.Create => Next(time, time, type, type!.ReadSnapshot(data.Span)),
                OperationKind.Delete => Next(CreatedTime, time, null, null),
                _ when Type is null => throw new DocumentException(DocumentErrors.DoesNotExist, "Document does not exist"),
                _ => Next(CreatedTime, time, Type, Type.Apply(Content!, operation!)),
            };
        }
        catch (OtException exception)
        {
            throw new DocumentException(DocumentErrors.OperationNotApplied, exception.Message, exception);
        }
    }

    /// <summary>The next version, by an operation that was committed.</summary>
    public DocumentState Apply(CommittedOperation committed, DocumentTypes types)
    {
        var operation = committed.Operation;
        var type = operation.Type is null ? null : types.Get(operation.Type);
        return Apply(
            operation.Kind, type, operation.Kind == OperationKind.Edit && Type is not null ? committed.Parse(Type) : null, operation.Data, operation.Time);
    }

    private static ReadOnlyMemory<byte> Encode(IOtSnapshot? content)
    {
        if (content is null)
        {
            return default;
        }

        var output = new ArrayBufferWriter<byte>();
        content.WriteTo(output);
        return output.WrittenMemory;
    }

    private DocumentState Next(long created, long modified, IOtType? type, IOtSnapshot? content) =>
        new(Key, Version + 1) { Type = type, Content = content, CreatedTime = created, ModifiedTime = modified };
}
