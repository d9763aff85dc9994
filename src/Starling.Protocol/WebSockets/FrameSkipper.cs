using System.Buffers;

namespace Starling.Protocol.WebSockets;

/// <summary>
/// Skips the frames of a peer that has broken the protocol, up to its close frame. It checks nothing: only the lengths are used.
/// </summary>
/// <remarks>One per connection, used by its read loop only. Holds no memory.</remarks>
public struct FrameSkipper
{
    private long _left;

    /// <summary>Takes what can be skipped off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Received bytes; what remains is to be offered again with what comes after it.</param>
    /// <returns>Whether a close frame was found.</returns>
    public bool SkipToClose(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            var skipped = Math.Min(_left, buffer.Length);
            _left -= skipped;
            buffer = buffer.Slice(skipped);
            if (_left > 0 || !FrameHeader.TryRead(buffer, out var header))
            {
                return false;
            }

            if (header.Opcode == Opcode.Close)
            {
                return true;
            }

            buffer = buffer.Slice(header.Size);
            _left = header.PayloadLength < 0 ? long.MaxValue : header.PayloadLength;
        }
    }
}
