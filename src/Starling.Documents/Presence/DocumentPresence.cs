using System.Buffers;
using Starling.Documents.Storage;
using Starling.Documents.Submission;
using Starling.Ot;

namespace Starling.Documents.Presence;

/// <summary>Carries a presence in a document from the version it was made on to the newest one.</summary>
internal static class DocumentPresence
{
    /// <summary>The value at the newest version, and that version. A document that was deleted or created anew has no presence left.</summary>
    /// <exception cref="DocumentException">The operations since then are gone, or the type cannot carry the presence over one.</exception>
    public static async ValueTask<(ReadOnlyMemory<byte> Value, long Version)> CarryAsync(
        ActiveDocument document, IPresenceType type, ReadOnlyMemory<byte> value, long version, string source,
        CancellationToken cancellationToken)
    {
        while (version < document.State.Version)
        {
            foreach (var operation in await document.ReadOperationsAsync(version, cancellationToken))
            {
                value = operation.Operation.Kind == OperationKind.Edit ? Carry(type, value, operation, source) : "null"u8.ToArray();
                version++;
            }
        }

        return (value, version);
    }

    private static ReadOnlyMemory<byte> Carry(
        IPresenceType type, ReadOnlyMemory<byte> value, CommittedOperation operation, string source)
    {
        if (value.Span.SequenceEqual("null"u8))
        {
            return value;
        }

        try
        {
            var output = new ArrayBufferWriter<byte>();
            type.TransformPresence(value.Span, operation.Parse(type), operation.Operation.Id.Source == source, output);
            return output.WrittenMemory;
        }
        catch (Exception exception) when (exception is OtException or InvalidCastException)
        {
            throw new DocumentException(DocumentErrors.PresenceTransformFailed, exception.Message, exception);
        }
    }
}
