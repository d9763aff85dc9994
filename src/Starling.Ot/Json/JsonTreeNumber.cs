using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>A number, which is a double as in JavaScript; always finite.</summary>
internal sealed class JsonTreeNumber(double value) : JsonTree
{
    public double Value { get; } = value;

    public override void WriteTo(IBufferWriter<byte> output) => JsonNumber.Write(output, Value);

    internal override bool IsSame(JsonTree? other) => other is JsonTreeNumber number && number.Value == Value;
}
