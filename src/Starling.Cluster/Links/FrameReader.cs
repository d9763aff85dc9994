using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Starling.Cluster.Wire;

namespace Starling.Cluster.Links;

/// <summary>Cuts what a node sends into frames. Not thread-safe.</summary>
internal sealed class FrameReader(PipeReader reader)
{
    private const int LengthBytes = 4;

    private ReadOnlySequence<byte> _buffer;
    private bool _isOpen;

    /// <summary>What a frame may have, its length not counted.</summary>
    public int MaxBytes { get; set; }

    /// <summary>Waits for bytes where no whole frame is there.</summary>
    /// <returns>The kind and content of the next frame, in memory of its own; null at the end. Half a frame at the end counts for nothing.</returns>
    /// <exception cref="WireException">The length cannot be.</exception>
    public async ValueTask<(FrameKind Kind, ReadOnlyMemory<byte> Content)?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_isOpen)
            {
                if (TryRead(out var frame))
                {
                    return frame;
                }

                reader.AdvanceTo(_buffer.Start, _buffer.End);
                _isOpen = false;
            }

            var read = await reader.ReadAsync(cancellationToken);
            (_buffer, _isOpen) = (read.Buffer, true);
            if (read.IsCompleted && (read.Buffer.IsEmpty || !HasFrame()))
            {
                return null;
            }
        }
    }

    private bool HasFrame() => _buffer.Length >= LengthBytes && _buffer.Length - LengthBytes >= Length();

    private bool TryRead(out (FrameKind Kind, ReadOnlyMemory<byte> Content) frame)
    {
        frame = default;
        if (!HasFrame())
        {
            return false;
        }

        // The content is kept by who gets the message, for as long as they like, so it is no slice of the pooled buffer.
        var length = Length();
        var kind = (FrameKind)_buffer.Slice(LengthBytes, 1).FirstSpan[0];
        var content = GC.AllocateUninitializedArray<byte>(length - 1);
        _buffer.Slice(LengthBytes + 1, content.Length).CopyTo(content);
        _buffer = _buffer.Slice(LengthBytes + length);
        frame = (kind, content);
        return true;
    }

    private int Length()
    {
        Span<byte> bytes = stackalloc byte[LengthBytes];
        _buffer.Slice(0, LengthBytes).CopyTo(bytes);
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length >= 1 && length <= MaxBytes
            ? length
            : throw new WireException($"a frame says that it has {length} bytes, {MaxBytes} are allowed");
    }
}
