using System.Buffers;
using Starling.Documents.Json;
using Starling.Documents.Storage;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>Encodes what a client is sent, operations aside.</summary>
internal static class MessageWriter
{
    public const string DefaultType = "http://sharejs.org/types/JSONv0";
    public const int ProtocolMajor = 1;
    public const int ProtocolMinor = 2;

    public static ReadOnlyMemory<byte> Handshake(string action, string id)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("{\"a\":"u8);
        output.Text(action);
        output.Raw(",\"protocol\":"u8);
        output.Number(ProtocolMajor);
        output.Raw(",\"protocolMinor\":"u8);
        output.Number(ProtocolMinor);
        output.Raw(",\"id\":"u8);
        output.Text(id);
        output.Raw(",\"type\":"u8);
        output.Text(DefaultType);
        output.Raw("}"u8);
        return output.WrittenMemory;
    }

    /// <summary>An answer: what its handler has to say, and what it repeats of the request.</summary>
    public static ReadOnlyMemory<byte> Answer(ShareDbRequest request, in Reply reply)
    {
        var output = new ArrayBufferWriter<byte>(reply.Members.Length + 96);
        BeginAnswer(output, request);
        output.Raw(reply.Members.Span);
        EndAnswer(output, request, reply.HasData);
        return output.WrittenMemory;
    }

    /// <summary>The beginning of an answer; its members follow, each with a comma before it.</summary>
    public static void BeginAnswer(IBufferWriter<byte> output, ShareDbRequest request)
    {
        output.Raw("{\"a\":"u8);
        output.Raw(request["a"u8].Span);
    }

    /// <summary>The end of an answer: what it repeats of its request.</summary>
    public static void EndAnswer(IBufferWriter<byte> output, ShareDbRequest request, bool hasData)
    {
        if (IsTruthy(request["id"u8]))
        {
            Repeat(output, request, ",\"id\":"u8, "id"u8);
        }
        else
        {
            Repeat(output, request, ",\"c\":"u8, "c"u8);
            Repeat(output, request, ",\"d\":"u8, "d"u8);
            if (!hasData)
            {
                Repeat(output, request, ",\"b\":"u8, "b"u8);
            }
        }

        output.Raw("}"u8);
    }

    /// <summary>A refusal: the whole request and the error.</summary>
    public static ReadOnlyMemory<byte> Refusal(ReadOnlyMemory<byte> request, string? code, string message)
    {
        var output = new ArrayBufferWriter<byte>(request.Length + message.Length + 80);
        var end = request.Span.LastIndexOf((byte)'}');
        var isEmpty = request.Span[1..end].IndexOfAnyExcept(" \t\r\n"u8) < 0;
        output.Raw(request.Span[..end]);
        output.Raw(isEmpty ? "\"error\":"u8 : ",\"error\":"u8);
        WriteError(output, code, message);
        output.Raw("}"u8);
        return output.WrittenMemory;
    }

    public static void WriteError(IBufferWriter<byte> output, string? code, string message)
    {
        output.Raw("{"u8);
        if (code is not null)
        {
            output.Raw("\"code\":"u8);
            output.Text(code);
            output.Raw(","u8);
        }

        output.Raw("\"message\":"u8);
        output.Text(message);
        output.Raw("}"u8);
    }

    /// <summary>The members of a snapshot; the default type is left out, a missing document has a null type.</summary>
    public static void WriteSnapshot(IBufferWriter<byte> output, DocumentSnapshot snapshot)
    {
        output.Raw("\"v\":"u8);
        output.Number(snapshot.Version);
        if (!snapshot.Data.IsEmpty)
        {
            output.Raw(",\"data\":"u8);
            output.Raw(snapshot.Data.Span);
        }

        if (snapshot.Type != DefaultType)
        {
            WriteType(output, snapshot.Type);
        }
    }

    public static void WriteType(IBufferWriter<byte> output, string? type)
    {
        output.Raw(",\"type\":"u8);
        if (type is null)
        {
            output.Raw("null"u8);
        }
        else
        {
            output.Text(type);
        }
    }

    /// <summary>The documents of a query's result, each with its id.</summary>
    public static void WriteResults(IBufferWriter<byte> output, IEnumerable<DocumentSnapshot> snapshots)
    {
        var separator = "["u8;
        foreach (var snapshot in snapshots)
        {
            output.Raw(separator);
            separator = ","u8;
            output.Raw("{"u8);
            WriteSnapshot(output, snapshot);
            output.Raw(",\"d\":"u8);
            output.Text(snapshot.Key.Id);
            output.Raw("}"u8);
        }

        output.Raw(separator[0] == '[' ? "[]"u8 : "]"u8);
    }

    public static ReadOnlyMemory<byte> QueryChanges(
        ReadOnlyMemory<byte> queryId, IReadOnlyList<ListChange> changes, IReadOnlyDictionary<string, DocumentSnapshot> inserted)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("{\"a\":\"q\",\"id\":"u8);
        output.Raw(queryId.Span);
        output.Raw(",\"diff\":["u8);
        for (var i = 0; i < changes.Count; i++)
        {
            output.Raw(i > 0 ? ","u8 : default);
            WriteChange(output, changes[i], inserted);
        }

        output.Raw("]}"u8);
        return output.WrittenMemory;
    }

    private static void WriteChange(
        IBufferWriter<byte> output, ListChange change, IReadOnlyDictionary<string, DocumentSnapshot> inserted)
    {
        switch (change)
        {
            case ListChange.Insert insert:
                output.Raw("{\"type\":\"insert\",\"index\":"u8);
                output.Number(insert.Index);
                output.Raw(",\"values\":"u8);
                WriteResults(output, insert.Ids.Select(id => inserted[id]));
                break;
            case ListChange.Remove remove:
                output.Raw("{\"type\":\"remove\",\"index\":"u8);
                output.Number(remove.Index);
                output.Raw(",\"howMany\":"u8);
                output.Number(remove.Count);
                break;
            case ListChange.Move move:
                output.Raw("{\"type\":\"move\",\"from\":"u8);
                output.Number(move.From);
                output.Raw(",\"to\":"u8);
                output.Number(move.To);
                output.Raw(",\"howMany\":"u8);
                output.Number(move.Count);
                break;
        }

        output.Raw("}"u8);
    }

    private static void Repeat(IBufferWriter<byte> output, ShareDbRequest request, ReadOnlySpan<byte> label, ReadOnlySpan<byte> field)
    {
        if (IsTruthy(request[field]))
        {
            output.Raw(label);
            output.Raw(request[field].Span);
        }
    }

    // As JavaScript sees it: null, false, 0 and the empty text are as good as nothing.
    private static bool IsTruthy(ReadOnlyMemory<byte> value) =>
        !JsonSlices.IsNull(value) && !value.Span.SequenceEqual("0"u8) && !value.Span.SequenceEqual("false"u8) && !value.Span.SequenceEqual("\"\""u8);
}
