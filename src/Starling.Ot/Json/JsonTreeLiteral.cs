using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>One of null, true and false.</summary>
internal sealed class JsonTreeLiteral : JsonTree
{
    public static readonly JsonTreeLiteral Null = new("null");
    public static readonly JsonTreeLiteral True = new("true");
    public static readonly JsonTreeLiteral False = new("false");

    private readonly byte[] _json;

    private JsonTreeLiteral(string json) => _json = System.Text.Encoding.ASCII.GetBytes(json);

    internal override long EncodedLength => _json.Length;

    public override void WriteTo(IBufferWriter<byte> output) => output.Write(_json);

    internal override bool IsSame(JsonTree? other) => other == this;
}
