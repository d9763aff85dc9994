using System.Buffers;
using System.Diagnostics;

namespace Starling.Protocol.Buffers;

/// <summary>
/// A growing byte buffer over the shared array pool with room in front of its content, so that headers whose size is known only after
/// the body was written (attachment count, frame length) are put before it without moving it.
/// </summary>
/// <remarks>Owner: whoever created it; not thread-safe. <see cref="Dispose"/> returns the memory, after which the buffer may be used anew.</remarks>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int SmallestArray = 512;
    private byte[] _array = [];
    private int _start;
    private int _end;

    /// <summary>The bytes written so far, those put in front included. Valid until the next write, reset or disposal.</summary>
    public ReadOnlySpan<byte> Written => _array.AsSpan(_start, _end - _start);

    /// <summary>The same bytes as <see cref="Written"/>, as memory.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _array.AsMemory(_start, _end - _start);

    /// <summary>The bytes written so far, for a codec that works in place.</summary>
    public Span<byte> WrittenForUpdate => _array.AsSpan(_start, _end - _start);

    /// <summary>How many bytes are written.</summary>
    public int Length => _end - _start;

    /// <summary>Forgets the content and keeps <paramref name="headroom"/> bytes free in front of what will be written.</summary>
    /// <param name="headroom">Bytes that later calls of <see cref="Prepend"/> may take in sum.</param>
    public void Reset(int headroom = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(headroom);
        _start = _end = 0;
        EnsureFree(headroom);
        _start = _end = headroom;
    }

    /// <summary>Makes <paramref name="count"/> bytes of the headroom part of the content and returns them to be filled.</summary>
    /// <param name="count">Bytes to put before the present content.</param>
    /// <exception cref="InvalidOperationException">The headroom given to <see cref="Reset"/> is used up.</exception>
    public Span<byte> Prepend(int count)
    {
        if (count > _start)
        {
            throw new InvalidOperationException($"{count} bytes do not fit into the {_start} bytes of headroom that are left.");
        }

        _start -= count;
        return _array.AsSpan(_start, count);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - _end);
        _end += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return _array.AsMemory(_end);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return _array.AsSpan(_end);
    }

    /// <summary>Appends <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What to append; must not be a part of this buffer.</param>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        EnsureFree(bytes.Length);
        bytes.CopyTo(_array.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Appends one byte.</summary>
    /// <param name="value">The byte.</param>
    public void WriteByte(byte value)
    {
        EnsureFree(1);
        _array[_end++] = value;
    }

    /// <summary>Drops everything after the first <paramref name="length"/> bytes.</summary>
    /// <param name="length">Bytes to keep, at most <see cref="Length"/>.</param>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        _end = _start + length;
    }

    /// <summary>Returns the memory to the pool.</summary>
    public void Dispose()
    {
        var array = _array;
        _array = [];
        _start = _end = 0;
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void EnsureFree(int count)
    {
        if (_array.Length - _end >= count)
        {
            return;
        }

        var needed = checked(_end + count);
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestArray, Math.Max(needed, (int)Math.Min(_array.Length * 2L, Array.MaxLength))));
        _array.AsSpan(0, _end).CopyTo(larger);
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        _array = larger;
        Debug.Assert(_array.Length - _end >= count, "the rented array holds what was asked for");
    }
}
