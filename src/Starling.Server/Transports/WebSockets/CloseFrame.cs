using System.Text;
using Starling.Protocol.WebSockets;

namespace Starling.Server.Transports.WebSockets;

/// <summary>Writes close frames (RFC 6455, section 5.5.1).</summary>
internal static class CloseFrame
{
    /// <summary>The most bytes of a close frame of a server.</summary>
    public const int MaxSize = 2 + MaxPayload;

    private const int MaxPayload = 125;

    /// <summary>Writes a frame and returns its length.</summary>
    /// <param name="frame">Has room for <see cref="MaxSize"/> bytes.</param>
    /// <param name="code">The code; <see cref="CloseCode.None"/> for a frame without one.</param>
    /// <param name="reason">An explanation, which is cut at a character where it is too long.</param>
    public static int Write(Span<byte> frame, CloseCode code, string? reason)
    {
        Span<byte> payload = stackalloc byte[MaxPayload];
        var length = 0;
        if (code != CloseCode.None)
        {
            payload[length++] = (byte)((ushort)code >> 8);
            payload[length++] = (byte)code;
            Encoding.UTF8.GetEncoder().Convert(reason, payload[2..], flush: true, out _, out var bytes, out _);
            length += bytes;
        }

        var header = FrameHeader.Write(frame, Opcode.Close, length);
        payload[..length].CopyTo(frame[header..]);
        return header + length;
    }
}
