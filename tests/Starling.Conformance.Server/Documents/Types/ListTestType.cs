using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Starling.Ot;

namespace Starling.Conformance.Server.Documents.Types;

/// <summary>ShareDB's own test types whose clients keep a linked list: here a list, an operation <c>{insert,value}</c>.</summary>
public sealed class ListTestType(string name) : IOtType
{
    public string Name => name;

    public string Uri => "http://sharejs.org/types/" + name;

    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json) =>
        new Json(json.IsEmpty ? new JsonArray() : JsonSerializer.Deserialize<JsonNode?>(json) ?? new JsonArray());

    public IOtOperation ReadOperation(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<JsonObject>(json) is { } operation && operation["insert"] is JsonValue ? new Json(operation) : throw new OtException("Op not recognized");

    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation)
    {
        var list = ((Json)snapshot).Node.DeepClone().AsArray();
        var change = ((Json)operation).Node;
        list.Insert(Math.Min(change["insert"]!.GetValue<int>(), list.Count), change["value"]?.DeepClone());
        return new Json(list);
    }

    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side)
    {
        var change = ((Json)operation).Node.DeepClone();
        var (index, over) = (change["insert"]!.GetValue<int>(), ((Json)other).Node["insert"]!.GetValue<int>());
        change["insert"] = over < index || (over == index && side == OtSide.Left) ? index + 1 : index;
        return new Json(change);
    }

    private sealed record Json(JsonNode Node) : IOtSnapshot, IOtOperation
    {
        public bool IsNoOp => false;

        public void WriteTo(IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(Node));
    }
}
