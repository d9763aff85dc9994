using System.Buffers;
using Starling.Documents.Json;
using Starling.Documents.Storage;

namespace Starling.Documents.ShareDb;

/// <summary>Encodes operations as ShareDB's clients get them.</summary>
internal static class OperationMessage
{
    public static byte[] Encode(string collection, string id, DocumentOperation operation)
    {
        var output = new ArrayBufferWriter<byte>(operation.Data.Length + 160);
        output.Raw("{\"a\":\"op\",\"c\":"u8);
        output.Text(collection);
        output.Raw(",\"d\":"u8);
        output.Text(id);
        output.Raw(",\"v\":"u8);
        output.Number(operation.Version);
        output.Raw(",\"src\":"u8);
        output.Text(operation.Id.Source);
        output.Raw(",\"seq\":"u8);
        output.Number(operation.Id.Sequence);
        switch (operation.Kind)
        {
            case OperationKind.Create:
                output.Raw(",\"create\":{\"type\":"u8);
                output.Text(operation.Type!);
                if (!operation.Data.IsEmpty)
                {
                    output.Raw(",\"data\":"u8);
                    output.Raw(operation.Data.Span);
                }

                output.Raw("}"u8);
                break;
            case OperationKind.Delete:
                output.Raw(",\"del\":true"u8);
                break;
            default:
                output.Raw(",\"op\":"u8);
                output.Raw(operation.Data.Span);
                break;
        }

        output.Raw("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>What the server added to an operation, as its sender is told with the acknowledgement.</summary>
    public static ReadOnlyMemory<byte> EncodeFixups(OperationId id, long version, IReadOnlyList<ReadOnlyMemory<byte>> fixups)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("["u8);
        foreach (var fixup in fixups)
        {
            output.Raw(output.WrittenCount > 1 ? ",{\"src\":"u8 : "{\"src\":"u8);
            output.Text(id.Source);
            output.Raw(",\"seq\":"u8);
            output.Number(id.Sequence);
            output.Raw(",\"v\":"u8);
            output.Number(version);
            output.Raw(",\"op\":"u8);
            output.Raw(fixup.Span);
            output.Raw("}"u8);
        }

        output.Raw("]"u8);
        return output.WrittenMemory;
    }
}
