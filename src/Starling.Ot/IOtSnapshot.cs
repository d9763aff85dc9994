using System.Buffers;

namespace Starling.Ot;

/// <summary>A document of some type at some version. Immutable; versions share what they have in common.</summary>
public interface IOtSnapshot
{
    /// <summary>Writes the document as UTF-8 JSON, byte for byte as <c>JSON.stringify</c> would.</summary>
    /// <param name="output">Where to.</param>
    void WriteTo(IBufferWriter<byte> output);

    /// <summary>
    /// The number of bytes that <see cref="WriteTo"/> writes. It is asked for after every operation; the default writes the document to count
    /// them, so a type with long documents should know it without.
    /// </summary>
    long EncodedLength => ByteCounter.Of(this);
}
