using System.Buffers.Text;
using System.Text;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.EngineIo.V3;

/// <summary>Writes polling payloads of Engine.IO protocol 3 in their text form, which every client reads.</summary>
public static class PayloadV3Writer
{
    /// <summary>Appends a packet: the number of its UTF-16 units, a colon, and the packet.</summary>
    /// <param name="output">The payload.</param>
    /// <param name="prefix">First part of the packet, ASCII.</param>
    /// <param name="rest">Its rest, UTF-8.</param>
    public static void Append(PooledBuffer output, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> rest)
    {
        ArgumentNullException.ThrowIfNull(output);
        Utf8Formatter.TryFormat(prefix.Length + Encoding.UTF8.GetCharCount(rest), output.GetSpan(20), out var digits);
        output.Advance(digits);
        output.WriteByte((byte)':');
        output.Write(prefix);
        output.Write(rest);
    }
}
