using System.Buffers;
using System.Text;
using System.Text.Json;
using Starling.Ot;

namespace Starling.Documents.Tests;

/// <summary>A small type with real conflicts: a text, into which an operation <c>[at,"letters"]</c> inserts or from which <c>[at,count]</c> deletes.</summary>
internal sealed class LettersType : IComposableType, IPresenceType
{
    public string Name => "letters";

    public string Uri => "http://example.org/types/letters";

    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json) =>
        new Letters(json.IsEmpty ? "" : JsonSerializer.Deserialize<string>(json) ?? throw new OtException("A text is wanted"));

    public IOtOperation ReadOperation(ReadOnlySpan<byte> json)
    {
        try
        {
            var parts = JsonSerializer.Deserialize<JsonElement[]>(json)!;
            return new Change([.. parts.Chunk(2).Select(part => part[1].ValueKind == JsonValueKind.String
                ? new Part(part[0].GetInt32(), part[1].GetString()!, 0)
                : new Part(part[0].GetInt32(), "", part[1].GetInt32()))]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new OtException("No operation on letters", exception);
        }
    }

    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation)
    {
        var text = ((Letters)snapshot).Text;
        foreach (var part in ((Change)operation).Parts)
        {
            if (part.At < 0 || part.Delete < 0 || part.At + part.Delete > text.Length)
            {
                throw new OtException("Outside of the text");
            }

            text = text.Remove(part.At, part.Delete).Insert(part.At, part.Insert);
        }

        return new Letters(text);
    }

    public IOtOperation Compose(IOtOperation first, IOtOperation second) => new Change([.. ((Change)first).Parts, .. ((Change)second).Parts]);

    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side)
    {
        var parts = ((Change)operation).Parts;
        foreach (var over in ((Change)other).Parts)
        {
            parts = [.. parts.Select(part => Transform(part, over, side))];
        }

        return new Change(parts);
    }

    public void TransformPresence(ReadOnlySpan<byte> presence, IOtOperation operation, bool isOwn, IBufferWriter<byte> output)
    {
        var at = JsonSerializer.Deserialize<int>(presence);
        foreach (var part in ((Change)operation).Parts)
        {
            at = part.Insert.Length > 0
                ? at > part.At || (at == part.At && isOwn) ? at + part.Insert.Length : at
                : Math.Max(Math.Min(at, part.At), at - part.Delete);
        }

        output.Write(Encoding.ASCII.GetBytes(at.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    // Whole words are inserted and deleted in the tests, so that a deletion never has another's insertion in its middle.
    private static Part Transform(Part part, Part over, OtSide side)
    {
        if (over.Insert.Length > 0)
        {
            var moves = over.At < part.At || (over.At == part.At && (part.Delete > 0 || side == OtSide.Right));
            return moves ? part with { At = part.At + over.Insert.Length } : part;
        }

        var end = Math.Min(part.At + part.Delete, over.At + over.Delete);
        var both = Math.Max(0, end - Math.Max(part.At, over.At));
        var before = Math.Clamp(part.At - over.At, 0, over.Delete);
        return part with { At = part.At - before, Delete = part.Delete - both };
    }

    private sealed record Letters(string Text) : IOtSnapshot
    {
        public void WriteTo(IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(Text));
    }

    private sealed record Part(int At, string Insert, int Delete);

    private sealed record Change(IReadOnlyList<Part> Parts) : IOtOperation
    {
        public bool IsNoOp => Parts.All(part => part.Insert.Length == 0 && part.Delete == 0);

        public void WriteTo(IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(
            Parts.SelectMany<Part, object>(part => [part.At, part.Insert.Length > 0 ? part.Insert : part.Delete])));
    }
}
