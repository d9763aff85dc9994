using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Starling.Protocol.WebSockets;

namespace Starling.Protocol.Tests.WebSockets;

/// <summary>Writes frames as a client does, valid or not.</summary>
internal static class ClientFrames
{
    public static byte[] Frame(Opcode opcode, byte[] payload, bool final = true, bool masked = true, byte reserved = 0)
    {
        var header = new byte[FrameHeader.MaxUnmaskedSize];
        var length = FrameHeader.Write(header, opcode, payload.Length);
        header[0] = (byte)((final ? 0x80 : 0) | reserved | (byte)opcode);
        if (!masked)
        {
            return [.. header.AsSpan(0, length), .. payload];
        }

        header[1] |= 0x80;
        byte[] key = [0x37, 0xFA, 0x21, 0x3D];
        var body = payload.ToArray();
        Masking.Apply(body, MemoryMarshal.Read<uint>(key));
        return [.. header.AsSpan(0, length), .. key, .. body];
    }

    public static byte[] Close(int code, string reason = "")
    {
        var payload = new byte[2 + System.Text.Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        System.Text.Encoding.UTF8.GetBytes(reason, payload.AsSpan(2));
        return Frame(Opcode.Close, payload);
    }
}
