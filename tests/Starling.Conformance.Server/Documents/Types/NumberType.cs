using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Starling.Ot;

namespace Starling.Conformance.Server.Documents.Types;

/// <summary>ShareDB's own test type: a document is a whole number, an operation adds to it. Cannot be composed, since a test needs one such.</summary>
public sealed class NumberType : IInvertibleType
{
    public string Name => "number-type";

    public string Uri => "http://sharejs.org/types/number-type";

    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json) => new Number(json.IsEmpty ? 0 : Read(json));

    public IOtOperation ReadOperation(ReadOnlySpan<byte> json) => new Number(Read(json));

    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation) => new Number(((Number)snapshot).Value + ((Number)operation).Value);

    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side) => operation;

    public IOtOperation Invert(IOtOperation operation, IOtSnapshot before) => new Number(-((Number)operation).Value);

    private static long Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value)
            ? value
            : throw new OtException("A number is wanted");
    }

    private sealed record Number(long Value) : IOtSnapshot, IOtOperation
    {
        public bool IsNoOp => Value == 0;

        public void WriteTo(IBufferWriter<byte> output) =>
            output.Write(System.Text.Encoding.ASCII.GetBytes(Value.ToString(CultureInfo.InvariantCulture)));
    }
}
