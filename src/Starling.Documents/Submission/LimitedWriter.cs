using System.Buffers;
using Starling.Ot;
using Starling.Protocol.Buffers;

namespace Starling.Documents.Submission;

/// <summary>Collects the bytes of an operation and refuses more than an operation may have, however much its type would write.</summary>
internal sealed class LimitedWriter : IBufferWriter<byte>, IDisposable
{
    private readonly PooledBuffer _written = new();
    private readonly int _limit;

    private LimitedWriter(int limit) => _limit = limit;

    /// <summary>The operation in an array of its own size.</summary>
    /// <exception cref="DocumentException">There are more bytes than the limit.</exception>
    public static byte[] Write(IOtOperation operation, int limit)
    {
        using var output = new LimitedWriter(limit);
        operation.WriteTo(output);
        return output._written.Written.ToArray();
    }

    public void Advance(int count)
    {
        _written.Advance(count);
        Check(0);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Check(sizeHint);
        return _written.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Check(sizeHint);
        return _written.GetSpan(sizeHint);
    }

    public void Dispose() => _written.Dispose();

    // What is asked for may be more than is written in the end, so a small excess is allowed until it is written.
    private void Check(int sizeHint)
    {
        if (_written.Length > _limit || sizeHint > _limit + 256L)
        {
            throw new DocumentException(
                DocumentErrors.OperationTooLarge, $"The operation has more than {_limit} bytes, as it is after the operations before it");
        }
    }
}
