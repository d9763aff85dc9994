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

    /// <summary>The number of bytes of the content's JSON; 0 when the document does not exist.</summary>
    public long Size => Content?.EncodedLength ?? 0;

    /// <summary>The bytes of the content, and of its JSON if that was made.</summary>
    public long HeldBytes => Size + (_snapshot?.Data.Length ?? 0);

    public static DocumentState Read(DocumentSnapshot snapshot, DocumentTypes types)
    {
        var type = snapshot.Type is null ? null : types.Get(snapshot.Type);
        return new DocumentState(snapshot.Key, snapshot.Version)
        {
            Type = type,
            Content = type?.ReadSnapshot(snapshot.Data.Span),
            CreatedTime = snapshot.CreatedTime,
            ModifiedTime = snapshot.ModifiedTime,
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
    /// <param name="kind">What the operation does.</param>
    /// <param name="type">Of a creation, the type.</param>
    /// <param name="operation">Of an edit, the operation.</param>
    /// <param name="created">Of a creation, the content.</param>
    /// <param name="time">When, in milliseconds since 1970.</param>
    /// <param name="maxSize">The most bytes of the content; a document that is larger already may only become smaller.</param>
    /// <exception cref="DocumentException">The operation does not fit, or the document would be too large.</exception>
    public DocumentState Apply(
        OperationKind kind, IOtType? type, IOtOperation? operation, IOtSnapshot? created, long time, long maxSize = long.MaxValue)
    {
        try
        {
            var next = kind switch
            {
                OperationKind.Create when Type is not null =>
                    throw new DocumentException(DocumentErrors.AlreadyCreated, "Document already exists"),
                OperationKind.Create => Next(time, time, type, created),
                OperationKind.Delete => Next(CreatedTime, time, null, null),
                _ when Type is null => throw new DocumentException(DocumentErrors.DoesNotExist, "Document does not exist"),
                _ => Next(CreatedTime, time, Type, Type.Apply(Content!, operation!, maxSize)),
            };
            return maxSize == long.MaxValue || next.Size <= maxSize || next.Size < Size ? next : throw TooLarge(next.Size, maxSize);
        }
        catch (OtException exception)
        {
            throw exception.IsTooLarge
                ? TooLarge(null, maxSize) : new DocumentException(DocumentErrors.OperationNotApplied, exception.Message, exception);
        }
    }

    /// <summary>The next version, by an operation that was committed.</summary>
    public DocumentState Apply(CommittedOperation committed, DocumentTypes types)
    {
        var operation = committed.Operation;
        var type = operation.Type is null ? null : types.Get(operation.Type);
        return Apply(
            operation.Kind,
            type,
            operation.Kind == OperationKind.Edit && Type is not null ? committed.Parse(Type) : null,
            operation.Kind == OperationKind.Create ? type?.ReadSnapshot(operation.Data.Span) : null,
            operation.Time);
    }

    private static DocumentException TooLarge(long? size, long maxSize) => new(
        DocumentErrors.DocumentTooLarge,
        size is null
            ? $"The document would have more than {maxSize} bytes, as which {nameof(Hosting.DocumentsOptions.MaxDocumentBytes)} is set"
            : $"The document would have {size} bytes; {maxSize} are allowed");

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
