using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Starling.Ot;

namespace Starling.Conformance.Server.Documents.Types;

/// <summary>ShareDB's own test type with presence: a text, an operation <c>{index,value}</c> or <c>{index,del}</c>.</summary>
public sealed class PresenceTestType : IPresenceType
{
    public string Name => "presence-test-type";

    public string Uri => "http://sharejs.org/types/presence-test-type";

    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json) => new Text(!json.IsEmpty && json[0] == '"' ? JsonSerializer.Deserialize<string>(json)! : "");

    public IOtOperation ReadOperation(ReadOnlySpan<byte> json)
    {
        var parsed = JsonSerializer.Deserialize<JsonObject>(json)!;
        return new Change(
            parsed["index"]?.GetValue<int>() ?? throw new OtException("Invalid op"), parsed["value"]?.GetValue<string>(),
            parsed["del"]?.GetValue<int>() ?? 0);
    }

    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation)
    {
        var (text, change) = (((Text)snapshot).Value, (Change)operation);
        return change switch
        {
            { Value.Length: > 0 } => new Text(text.Insert(change.Index, change.Value)),
            { Delete: > 0 } => new Text(text.Remove(change.Index, Math.Min(change.Delete, text.Length - change.Index))),
            _ => throw new OtException("Invalid op"),
        };
    }

    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side) => operation;

    public void TransformPresence(ReadOnlySpan<byte> presence, IOtOperation operation, bool isOwn, IBufferWriter<byte> output)
    {
        var change = (Change)operation;
        if (JsonSerializer.Deserialize<JsonObject>(presence)?["index"] is not JsonValue value || !value.TryGetValue<int>(out var index))
        {
            throw new OtException("Presence index is not a number");
        }

        if (index < change.Index || (index == change.Index && !isOwn))
        {
            output.Write(presence);
            return;
        }

        var moved = change.Value is { Length: > 0 } text ? index + text.Length : index - change.Delete;
        output.Write(System.Text.Encoding.ASCII.GetBytes($$"""{"index":{{moved}}}"""));
    }

    private sealed record Text(string Value) : IOtSnapshot
    {
        public void WriteTo(IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(Value));
    }

    private sealed record Change(int Index, string? Value, int Delete) : IOtOperation
    {
        public bool IsNoOp => false;

        public void WriteTo(IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(
            Value is null ? new JsonObject { ["index"] = Index, ["del"] = Delete } : new JsonObject { ["index"] = Index, ["value"] = Value }));
    }
}
