using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Starling.Server.Transports.Detaching;

/// <summary>
/// Reads a socket straight into a rented buffer, which is given back as soon as all of it is consumed: while nothing arrives none is held,
/// and no loop stands between the socket and whoever reads.
/// </summary>
/// <remarks>
/// One read at a time, as for every <see cref="PipeReader"/>. A read ends by <see cref="CancelPendingRead"/>, not by a token. A read may
/// come back without bytes; it is then to be repeated.
/// </remarks>
internal sealed class SocketReader : PipeReader
{
    private const int SmallestBuffer = 4 * 1024;
    private const int LargestBuffer = 64 * 1024;

    private readonly Socket _socket;
    private readonly SocketReadiness _readiness;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _nextSize = SmallestBuffer;
    private bool _examined;
    private bool _ended;

    public SocketReader(Socket socket)
    {
        _socket = socket;
        _readiness = new SocketReadiness(socket, this);
    }

    private ReadOnlySequence<byte> Unconsumed =>
        _buffer is { } buffer ? new ReadOnlySequence<byte>(buffer, _start, _end - _start) : ReadOnlySequence<byte>.Empty;

    /// <summary>Puts bytes back that somebody has read in vain; only while nothing else is unconsumed.</summary>
    public void Unread(in ReadOnlySequence<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            _start = 0;
            _end = checked((int)bytes.Length);
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(_end, _nextSize));
            bytes.CopyTo(_buffer);
            _examined = false;
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        var has = (_buffer is not null && !_examined) || _ended;
        result = has ? new ReadResult(Unconsumed, isCanceled: false, _ended) : default;
        return has;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        TryRead(out var result) ? new ValueTask<ReadResult>(result) : _readiness.WaitAsync();

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_buffer is null)
        {
            return;
        }

        var unconsumed = Unconsumed;
        _examined = unconsumed.Slice(examined).IsEmpty;
        _start = _end - (int)unconsumed.Slice(consumed).Length;
        if (_start == _end)
        {
            Release();
        }
    }

    public override void CancelPendingRead() => _readiness.Interrupt();

    /// <summary>Gives the buffer back. The socket is not closed by it.</summary>
    public override void Complete(Exception? exception = null) => Release();

    /// <summary>Takes what the socket has.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    internal ReadResult Receive(bool isCanceled)
    {
        if (isCanceled)
        {
            return new ReadResult(Unconsumed, isCanceled: true, _ended);
        }

        var count = Receive(MakeRoom(), out var error);
        if (count > 0)
        {
            Adapt(count);
            _end += count;
            _examined = false;
        }
        else if (error == SocketError.Success)
        {
            _ended = true;
        }

        if (_start == _end)
        {
            Release();
        }

        return error is SocketError.Success or SocketError.WouldBlock
            ? new ReadResult(Unconsumed, isCanceled: false, _ended)
            : throw new IOException("The connection is broken.", new SocketException((int)error));
    }

    private int Receive(Span<byte> room, out SocketError error)
    {
        try
        {
            return _socket.Receive(room, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException)
        {
            error = SocketError.OperationAborted;
            return 0;
        }
    }

    private Span<byte> MakeRoom()
    {
        if (_buffer is null)
        {
            _start = _end = 0;
            _buffer = ArrayPool<byte>.Shared.Rent(_nextSize);
        }
        else if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_nextSize, checked((_end - _start) * 2)));
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
            _end -= _start;
            _start = 0;
        }

        return _buffer.AsSpan(_end);
    }

    // A client that sends much at once gets a larger buffer the next time, until it sends little again.
    private void Adapt(int received)
    {
        if (received >= _nextSize)
        {
            _nextSize = Math.Min(_nextSize * 2, LargestBuffer);
        }
        else if (received < _nextSize / 4)
        {
            _nextSize = SmallestBuffer;
        }
    }

    private void Release()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            _start = _end = 0;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
