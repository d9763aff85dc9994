using System.Buffers;

namespace Starling.Ot;

/// <summary>A document of some type at some version. Immutable; versions share what they have in common.</summary>
public interface IOtSnapshot
{
    /// <summary>Writes the document as UTF-8 JSON, byte for byte as <c>JSON.stringify</c> would.</summary>
    /// <param name="output">Where to.</param>
    void WriteTo(IBufferWriter<byte> output);
}
