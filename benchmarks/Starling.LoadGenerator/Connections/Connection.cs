using System.Runtime.InteropServices;
using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.WebSockets;

namespace Starling.LoadGenerator.Connections;

/// <summary>One client. Owned by one event loop; no other thread touches it while that runs.</summary>
internal sealed unsafe class Connection(int index, int descriptor, uint mask)
{
    private byte[] _out = [];
    private int _outStart;
    private int _outEnd;
    private byte[] _partial = [];

    /// <summary>Place among the connections of its loop.</summary>
    public int Index { get; } = index;

    public int Descriptor { get; } = descriptor;

    public ConnectionState State { get; set; }

    /// <summary>When connecting began, on the <see cref="Clock"/>.</summary>
    public long Started { get; init; }

    /// <summary>Bytes of a frame of which the rest has not arrived.</summary>
    public ReadOnlySpan<byte> Partial => _partial.AsSpan(0, PartialLength);

    public int PartialLength { get; private set; }

    /// <summary>True when the kernel would not take everything; the loop then waits until it does.</summary>
    public bool HasUnsent => _outStart < _outEnd;

    public void KeepPartial(ReadOnlySpan<byte> bytes)
    {
        if (_partial.Length < bytes.Length)
        {
            _partial = new byte[bytes.Length + 256];
        }

        bytes.CopyTo(_partial);
        PartialLength = bytes.Length;
    }

    /// <summary>Queues bytes as they are; <see cref="Flush"/> sends them.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _outEnd += bytes.Length;
    }

    /// <summary>Queues a text message; <see cref="Flush"/> sends it.</summary>
    public void WriteText(ReadOnlySpan<byte> message) => WriteFrame(ServerFrame.Text, message);

    public void WriteFrame(int opcode, ReadOnlySpan<byte> payload) =>
        _outEnd += ClientFrame.Write(Reserve(payload.Length + ClientFrame.LargestHeader), opcode, payload, mask);

    /// <summary>Hands everything queued to the kernel, as far as it takes it.</summary>
    public void Flush()
    {
        while (_outStart < _outEnd)
        {
            nint sent;
            fixed (byte* start = &_out[_outStart])
            {
                sent = LibC.Send(Descriptor, start, _outEnd - _outStart, LibC.MsgNoSignal);
            }

            if (sent < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == LibC.WouldBlock)
                {
                    return;
                }

                throw new LoadException($"Sending failed: {Marshal.GetPInvokeErrorMessage(error)} (connection was {State}).");
            }

            _outStart += (int)sent;
        }

        _outStart = _outEnd = 0;
    }

    public void Close()
    {
        if (State != ConnectionState.Closed)
        {
            State = ConnectionState.Closed;
            _ = LibC.Close(Descriptor);
        }
    }

    private Span<byte> Reserve(int length)
    {
        if (_out.Length - _outEnd < length)
        {
            var unsent = _outEnd - _outStart;
            var target = unsent + length <= _out.Length ? _out : new byte[(unsent + length) * 2];
            _out.AsSpan(_outStart, unsent).CopyTo(target);
            (_out, _outStart, _outEnd) = (target, 0, unsent);
        }

        return _out.AsSpan(_outEnd, length);
    }
}
