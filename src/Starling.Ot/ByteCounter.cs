using System.Buffers;

namespace Starling.Ot;

/// <summary>Counts the bytes that are written to it and keeps none of them.</summary>
internal sealed class ByteCounter : IBufferWriter<byte>
{
    private byte[] _buffer = new byte[256];

    public long Count { get; private set; }

    public static long Of(IOtSnapshot snapshot)
    {
        var counter = new ByteCounter();
        snapshot.WriteTo(counter);
        return counter.Count;
    }

    public void Advance(int count) => Count += count;

    public Memory<byte> GetMemory(int sizeHint = 0) => Room(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => Room(sizeHint);

    private byte[] Room(int sizeHint)
    {
        if (sizeHint > _buffer.Length)
        {
            _buffer = new byte[sizeHint];
        }

        return _buffer;
    }
}
