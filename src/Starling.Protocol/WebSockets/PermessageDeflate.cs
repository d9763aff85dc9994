using System.IO.Compression;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.WebSockets;

/// <summary>
/// Compression of single messages (RFC 7692) without context between messages on either side: what is compressed once can be sent to every
/// client, and an idle connection holds no window.
/// </summary>
public static class PermessageDeflate
{
    /// <summary>Compresses a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="output">Takes the compressed payload.</param>
    public static void Compress(ReadOnlySpan<byte> message, PooledBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var before = output.Length;
        using (var stream = new BufferStream(output))
        {
            using var deflate = new DeflateStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            deflate.Write(message);
            deflate.Flush();
            stream.IgnoreWrites = true;
        }

        // Section 7.2.1: the empty block that a flush appends is cut off; a message without any block is one byte 0.
        if (output.Length - before >= 4 && output.Written.EndsWith(Tail))
        {
            output.Truncate(output.Length - 4);
        }

        if (output.Length == before)
        {
            output.WriteByte(0);
        }
    }

    /// <summary>Decompresses a message.</summary>
    /// <param name="payload">The compressed payload.</param>
    /// <param name="output">Takes the message.</param>
    /// <param name="maxLength">The most bytes that the message may have.</param>
    /// <returns><see cref="CloseCode.None"/>, or why the connection has to be closed.</returns>
    public static CloseCode Decompress(ReadOnlySpan<byte> payload, PooledBuffer output, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(output);
        var whole = new byte[payload.Length + Tail.Length + FinalBlock.Length];
        payload.CopyTo(whole);
        Tail.CopyTo(whole.AsSpan(payload.Length));
        FinalBlock.CopyTo(whole.AsSpan(payload.Length + Tail.Length));
        using var inflate = new DeflateStream(new MemoryStream(whole), CompressionMode.Decompress);
        try
        {
            while (true)
            {
                var span = output.GetSpan(4096);
                var read = inflate.Read(span);
                if (read == 0)
                {
                    return CloseCode.None;
                }

                output.Advance(read);
                if (output.Length > maxLength)
                {
                    return CloseCode.MessageTooBig;
                }
            }
        }
        catch (InvalidDataException)
        {
            return CloseCode.InvalidPayload;
        }
    }

    private static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];

    // An empty final block: without it the decoder takes the end of the bytes for a cut.
    private static ReadOnlySpan<byte> FinalBlock => [0x03, 0x00];

    private sealed class BufferStream(PooledBuffer output) : Stream
    {
        /// <summary>Set before disposal, which would write the end of the stream.</summary>
        public bool IgnoreWrites { get; set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!IgnoreWrites)
            {
                output.Write(buffer);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
