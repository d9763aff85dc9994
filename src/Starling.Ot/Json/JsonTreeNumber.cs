using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>A number, which is a double as in JavaScript; always finite.</summary>
internal sealed class JsonTreeNumber(double value) : JsonTree
{
    private int _encodedLength;

    public double Value { get; } = value;

    internal override long EncodedLength => _encodedLength > 0 ? _encodedLength : _encodedLength = JsonNumber.EncodedLength(Value);

    public override void WriteTo(IBufferWriter<byte> output) => JsonNumber.Write(output, Value);

    internal override bool IsSame(JsonTree? other) => other is JsonTreeNumber number && number.Value == Value;
}
