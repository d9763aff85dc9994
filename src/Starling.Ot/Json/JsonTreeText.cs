using System.Buffers;
using Starling.Ot.Text;

namespace Starling.Ot.Json;

/// <summary>A string.</summary>
internal sealed class JsonTreeText(Utf16Text text) : JsonTree
{
    public Utf16Text Text { get; } = text;

    internal override long EncodedLength => Text.EncodedLength;

    public override void WriteTo(IBufferWriter<byte> output) => Text.WriteTo(output);

    internal override bool IsSame(JsonTree? other) =>
        other is JsonTreeText { Text: var found } && found.Length == Text.Length && found.ToString() == Text.ToString();
}
