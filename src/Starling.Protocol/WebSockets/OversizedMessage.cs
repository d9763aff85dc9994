using System.Buffers;

namespace Starling.Protocol.WebSockets;

/// <summary>A message that is too long while it is read: keeps its beginning and counts down the rest. Used by one <see cref="MessageReader"/>.</summary>
internal sealed class OversizedMessage
{
    private readonly byte[] _head;
    private int _kept;
    private int _frameStart;
    private uint _mask;
    private long _rest;
    private bool _isFinal;

    /// <param name="opcode">Of what kind it is.</param>
    /// <param name="before">What has been read of it.</param>
    /// <param name="headLength">How many bytes are kept.</param>
    public OversizedMessage(Opcode opcode, ReadOnlySpan<byte> before, int headLength)
    {
        Opcode = opcode;
        _head = new byte[headLength];
        _kept = Math.Min(before.Length, headLength);
        before[.._kept].CopyTo(_head);
    }

    public Opcode Opcode { get; }

    public ReadOnlyMemory<byte> Head => _head.AsMemory(0, _kept);

    public bool IsComplete => _isFinal && _rest == 0;

    /// <summary>Begins a frame of it, whose header has been taken off.</summary>
    public void Begin(in FrameHeader header)
    {
        _frameStart = _kept;
        _mask = header.Mask;
        _rest = header.PayloadLength;
        _isFinal = header.Final;
    }

    /// <summary>Takes what there is of the frame off the buffer; false if more is to come.</summary>
    public bool Skip(ref ReadOnlySequence<byte> buffer)
    {
        if (_rest == 0)
        {
            return true;
        }

        var part = buffer.Slice(0, Math.Min(_rest, buffer.Length));
        var kept = (int)Math.Min(part.Length, _head.Length - _kept);
        part.Slice(0, kept).CopyTo(_head.AsSpan(_kept));
        _kept += kept;
        _rest -= part.Length;
        buffer = buffer.Slice(part.End);
        if (_rest > 0)
        {
            return false;
        }

        // Only now, since the mask counts from the beginning of the frame.
        Masking.Apply(_head.AsSpan(_frameStart, _kept - _frameStart), _mask);
        return true;
    }
}
