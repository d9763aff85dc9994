using System.Numerics;
using System.Runtime.InteropServices;

namespace Starling.Protocol.WebSockets;

/// <summary>The masking that clients apply to their frames (RFC 6455, section 5.3). Masking twice restores the bytes.</summary>
public static class Masking
{
    /// <summary>Masks or unmasks <paramref name="payload"/> in place.</summary>
    /// <param name="payload">The whole payload of a frame, or its first part.</param>
    /// <param name="key">The masking key as the four bytes on the wire, read in the machine's byte order.</param>
    public static void Apply(Span<byte> payload, uint key)
    {
        if (key == 0)
        {
            return;
        }

        var rest = payload;
        if (Vector.IsHardwareAccelerated && rest.Length >= Vector<byte>.Count)
        {
            var keys = Vector.AsVectorByte(new Vector<uint>(key));
            var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(rest);
            for (var i = 0; i < vectors.Length; i++)
            {
                vectors[i] ^= keys;
            }

            rest = rest[(vectors.Length * Vector<byte>.Count)..];
        }

        var words = MemoryMarshal.Cast<byte, uint>(rest);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= key;
        }

        rest = rest[(words.Length * sizeof(uint))..];
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in key));
        for (var i = 0; i < rest.Length; i++)
        {
            rest[i] ^= bytes[i];
        }
    }
}
