using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>A JSON document at some version. Versions share what they have in common.</summary>
public sealed class Json0Snapshot : IOtSnapshot
{
    internal Json0Snapshot(JsonTree root) => Root = root;

    /// <summary>The document.</summary>
    public JsonTree Root { get; }

    /// <inheritdoc/>
    public long EncodedLength => Root.EncodedLength;

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output) => Root.WriteTo(output);
}
