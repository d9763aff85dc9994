using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.WebSockets;

/// <summary>
/// Turns the bytes that a client sent into messages: joins fragments, unmasks, inflates, checks UTF-8 and every rule of RFC 6455 that
/// a server has to check.
/// </summary>
/// <remarks>
/// One per connection, used by its read loop only. A frame that lies in one piece in the input is unmasked where it lies, without a copy;
/// the input must therefore be memory that nobody else reads, as a pipe's is. Holds no memory between messages.
/// </remarks>
/// <param name="maxMessageLength">The most bytes of a message, fragments and inflated size included.</param>
/// <param name="inflate">Decompresses a message when permessage-deflate was negotiated, else null.</param>
/// <param name="oversizedHeadLength">
/// How many bytes at the beginning of a message that is too long are read, as <see cref="ReadStatus.Oversized"/>, while the rest is thrown away;
/// 0, the default, for an error instead. Compressed messages are an error in any case.
/// </param>
public sealed class MessageReader(int maxMessageLength, MessageInflater? inflate = null, int oversizedHeadLength = 0) : IDisposable
{
    private OversizedMessage? _oversized;

    private PooledBuffer? _assembled;
    private PooledBuffer? _inflated;
    private Opcode _fragmented = Opcode.Continuation;
    private bool _compressed;
    private bool _assembledInUse;

    /// <summary>Why the connection has to be closed, once a read has returned <see cref="ReadStatus.Invalid"/>.</summary>
    public CloseCode Error { get; private set; }

    /// <summary>Reads the next message or control frame and takes it off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Received bytes; what remains is to be offered again with what comes after it.</param>
    /// <param name="message">The message, on <see cref="ReadStatus.Message"/>.</param>
    /// <returns>Whether a message was read, more bytes are needed, or the peer broke the protocol.</returns>
    public ReadStatus Read(ref ReadOnlySequence<byte> buffer, out Message message)
    {
        ReleaseAssembled();
        if (_oversized is { } begun && !begun.Skip(ref buffer))
        {
            message = default;
            return ReadStatus.Incomplete;
        }

        if (_oversized is { IsComplete: true })
        {
            return CompleteOversized(out message);
        }

        while (FrameHeader.TryRead(buffer, out var header))
        {
            if (Check(header) is var error && error != CloseCode.None)
            {
                return error == CloseCode.MessageTooBig && TryBeginOversized(header, ref buffer)
                    ? Read(ref buffer, out message) : Fail(error, out message);
            }

            if (buffer.Length < header.Size + header.PayloadLength)
            {
                break;
            }

            var payload = buffer.Slice(header.Size, header.PayloadLength);
            buffer = buffer.Slice(payload.End);
            if (header.Final && (header.IsControl || _fragmented == Opcode.Continuation))
            {
                return Complete(header, payload, out message);
            }

            Append(header, payload);
            if (header.Final)
            {
                return CompleteFragments(out message);
            }
        }

        message = default;
        return ReadStatus.Incomplete;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _assembled?.Dispose();
        _inflated?.Dispose();
    }

    private CloseCode Check(in FrameHeader header)
    {
        var first = header.Opcode is Opcode.Text or Opcode.Binary;
        var known = first || header.Opcode is Opcode.Continuation or Opcode.Close or Opcode.Ping or Opcode.Pong;
        var reservedAllowed = first && inflate is not null ? FrameHeader.Rsv1 : 0;
        if (!known || !header.Masked || !header.IsMinimal || header.PayloadLength < 0 || (header.ReservedBits & ~reservedAllowed) != 0)
        {
            return CloseCode.ProtocolError;
        }

        if (header.IsControl)
        {
            return header.Final && header.PayloadLength <= 125 ? CloseCode.None : CloseCode.ProtocolError;
        }

        if (first != (_fragmented == Opcode.Continuation))
        {
            return CloseCode.ProtocolError;
        }

        var length = header.PayloadLength + (first ? 0 : _assembled!.Length);
        return _oversized is not null || length > maxMessageLength ? CloseCode.MessageTooBig : CloseCode.None;
    }

    private bool TryBeginOversized(in FrameHeader header, ref ReadOnlySequence<byte> buffer)
    {
        var isFirst = header.Opcode != Opcode.Continuation;
        if (oversizedHeadLength == 0 || (isFirst ? (header.ReservedBits & FrameHeader.Rsv1) != 0 : _compressed))
        {
            return false;
        }

        if (_oversized is null)
        {
            _oversized = new OversizedMessage(
                isFirst ? header.Opcode : _fragmented, isFirst ? default : _assembled!.Written, oversizedHeadLength);
            if (isFirst)
            {
                _compressed = false;
                _fragmented = header.Opcode;
                _assembled ??= new PooledBuffer();
            }

            _assembled!.Reset();
        }

        buffer = buffer.Slice(header.Size);
        _oversized.Begin(header);
        return true;
    }

    private ReadStatus CompleteOversized(out Message message)
    {
        message = new Message(_oversized!.Opcode, _oversized.Head);
        _oversized = null;
        _fragmented = Opcode.Continuation;
        _assembled?.Dispose();
        return ReadStatus.Oversized;
    }

    private ReadStatus Complete(in FrameHeader header, in ReadOnlySequence<byte> payload, out Message message)
    {
        Memory<byte> bytes;
        if (payload.IsSingleSegment)
        {
            bytes = MemoryMarshal.AsMemory(payload.First);
            Masking.Apply(bytes.Span, header.Mask);
        }
        else if (header.IsControl)
        {
            // A control frame may stand between fragments, whose bytes are in the assembled buffer: it takes an array of its own.
            bytes = payload.ToArray();
            Masking.Apply(bytes.Span, header.Mask);
        }
        else
        {
            Append(header, payload);
            return CompleteFragments(out message);
        }

        return header.IsControl
            ? CompleteControl(header.Opcode, bytes, out message)
            : CompleteData(header.Opcode, bytes, (header.ReservedBits & FrameHeader.Rsv1) != 0, out message);
    }

    private ReadStatus CompleteFragments(out Message message)
    {
        var opcode = _fragmented;
        _fragmented = Opcode.Continuation;
        _assembledInUse = true;
        return CompleteData(opcode, _assembled!.WrittenMemory, _compressed, out message);
    }

    private ReadStatus CompleteData(Opcode opcode, ReadOnlyMemory<byte> payload, bool compressed, out Message message)
    {
        if (compressed)
        {
            _assembledInUse = true;
            _inflated ??= new PooledBuffer();
            _inflated.Reset();
            if (inflate!(payload.Span, _inflated, maxMessageLength) is var error && error != CloseCode.None)
            {
                return Fail(error, out message);
            }

            payload = _inflated.WrittenMemory;
        }

        if (opcode == Opcode.Text && !Utf8.IsValid(payload.Span))
        {
            return Fail(CloseCode.InvalidPayload, out message);
        }

        message = new Message(opcode, payload);
        return ReadStatus.Message;
    }

    private ReadStatus CompleteControl(Opcode opcode, ReadOnlyMemory<byte> payload, out Message message)
    {
        if (opcode == Opcode.Close && CheckClose(payload.Span) is var error && error != CloseCode.None)
        {
            return Fail(error, out message);
        }

        message = new Message(opcode, payload);
        return ReadStatus.Message;
    }

    // RFC 6455, sections 5.5.1 and 7.4
    private static CloseCode CheckClose(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 0)
        {
            return CloseCode.None;
        }

        if (payload.Length == 1)
        {
            return CloseCode.ProtocolError;
        }

        var code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (code is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)))
        {
            return CloseCode.ProtocolError;
        }

        return Utf8.IsValid(payload[2..]) ? CloseCode.None : CloseCode.InvalidPayload;
    }

    private void Append(in FrameHeader header, in ReadOnlySequence<byte> payload)
    {
        if (header.Opcode != Opcode.Continuation)
        {
            _fragmented = header.Opcode;
            _compressed = (header.ReservedBits & FrameHeader.Rsv1) != 0;
            _assembled ??= new PooledBuffer();
            _assembled.Reset();
        }

        var offset = _assembled!.Length;
        foreach (var segment in payload)
        {
            _assembled.Write(segment.Span);
        }

        Masking.Apply(_assembled.WrittenForUpdate[offset..], header.Mask);
    }

    private ReadStatus Fail(CloseCode error, out Message message)
    {
        Error = error;
        message = default;
        return ReadStatus.Invalid;
    }

    private void ReleaseAssembled()
    {
        if (_assembledInUse)
        {
            _assembledInUse = false;
            _inflated?.Dispose();
            if (_fragmented == Opcode.Continuation)
            {
                _assembled?.Dispose();
            }
        }
    }
}
