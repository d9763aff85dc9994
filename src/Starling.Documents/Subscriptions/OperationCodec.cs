using System.Diagnostics.CodeAnalysis;
using System.Text;
using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.Subscriptions;

/// <summary>Encodes operations for other nodes. The first byte is the version of the form; a node ignores forms that it does not know.</summary>
internal static class OperationCodec
{
    private const byte Form = 1;

    public static byte[] Encode(CommittedOperation committed)
    {
        var operation = committed.Operation;
        using var stream = new MemoryStream(operation.Data.Length + 128);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Form);
        writer.Write(committed.Key.Collection);
        writer.Write(committed.Key.Id);
        writer.Write(committed.SubmittedAs);
        writer.Write(operation.Version);
        writer.Write(operation.Id.Source);
        writer.Write(operation.Id.Sequence);
        writer.Write((byte)operation.Kind);
        writer.Write(operation.Type ?? "");
        writer.Write(operation.Time);
        writer.Write(operation.Author is not null);
        writer.Write(operation.Author ?? "");
        writer.Write((byte)operation.Intent);
        Write(writer, operation.Data);
        Write(writer, operation.Fixups);
        writer.Flush();
        return stream.ToArray();
    }

    public static bool TryDecode(ReadOnlyMemory<byte> data, [NotNullWhen(true)] out CommittedOperation? operation)
    {
        operation = null;
        if (data.IsEmpty || data.Span[0] != Form)
        {
            return false;
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(data.ToArray(), 1, data.Length - 1), Encoding.UTF8);
            operation = Read(reader);
            return true;
        }
        catch (Exception exception) when (exception is IOException or FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static CommittedOperation Read(BinaryReader reader)
    {
        var key = new DocumentKey(reader.ReadString(), reader.ReadString());
        var submittedAs = reader.ReadString();
        var version = reader.ReadInt64();
        var id = new OperationId(reader.ReadString(), reader.ReadInt64());
        var kind = (OperationKind)reader.ReadByte();
        var type = reader.ReadString();
        var time = reader.ReadInt64();
        var hasAuthor = reader.ReadBoolean();
        var author = reader.ReadString();
        var operation = new DocumentOperation
        {
            Version = version,
            Id = id,
            Kind = kind,
            Type = type.Length == 0 ? null : type,
            Time = time,
            Author = hasAuthor ? author : null,
            Intent = (OperationIntent)reader.ReadByte(),
            Data = reader.ReadBytes(reader.ReadInt32()),
            Fixups = reader.ReadBytes(reader.ReadInt32()),
        };
        return new CommittedOperation(key, operation, null, submittedAs);
    }

    private static void Write(BinaryWriter writer, ReadOnlyMemory<byte> bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes.Span);
    }
}
