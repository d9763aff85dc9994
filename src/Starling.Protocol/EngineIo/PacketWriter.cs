using System.Buffers.Text;
using System.Diagnostics;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.EngineIo;

/// <summary>Writes packets of Engine.IO protocol 4 in their text form.</summary>
public static class PacketWriter
{
    /// <summary>Writes a text packet: the digit of its type and its data.</summary>
    /// <param name="output">Takes the packet.</param>
    /// <param name="type">Its type.</param>
    /// <param name="data">UTF-8 data.</param>
    public static void WriteText(PooledBuffer output, PacketType type, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteByte((byte)('0' + (byte)type));
        output.Write(data);
    }

    /// <summary>Writes a message of bytes as text: the letter b and padded base64, without a type digit.</summary>
    /// <param name="output">Takes the packet.</param>
    /// <param name="data">The bytes.</param>
    public static void WriteBase64(PooledBuffer output, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteByte((byte)'b');
        var status = Base64.EncodeToUtf8(data, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(data.Length)), out _, out var written);
        Debug.Assert(status == System.Buffers.OperationStatus.Done, "the span has the size that base64 takes");
        output.Advance(written);
    }
}
