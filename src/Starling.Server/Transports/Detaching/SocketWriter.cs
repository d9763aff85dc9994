using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Starling.Server.Transports.Detaching;

/// <summary>
/// Writes to a socket without a loop of its own: a flush hands the bytes to the system on the thread that flushes, and only what the system
/// does not take at once, because the peer does not read, goes on in the background. Holds a buffer only while bytes wait.
/// </summary>
/// <remarks>
/// One writer at a time, as for every <see cref="PipeWriter"/>. Completing it sends what was written; it may be used further, by whoever
/// takes the connection over, until the socket is closed.
/// </remarks>
internal sealed class SocketWriter(Socket socket) : PipeWriter
{
    private const int SmallestBuffer = 4 * 1024;

    private byte[]? _buffer;
    private int _length;
    private Task? _sending;
    private TaskCompletionSource? _flushCanceled;
    private volatile bool _cancelFlush;
    private volatile bool _broken;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _length;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)((_buffer?.Length ?? 0) - _length));
        _length += bytes;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => MakeRoom(sizeHint).AsMemory(_length);

    public override Span<byte> GetSpan(int sizeHint = 0) => MakeRoom(sizeHint).AsSpan(_length);

    /// <summary>Completes when the system has taken what was written. A canceled flush goes on in the background.</summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_cancelFlush)
        {
            _cancelFlush = false;
            Flush();
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: true, _broken));
        }

        return Flush() is { } sending
            ? WaitAsync(sending, cancellationToken)
            : new ValueTask<FlushResult>(new FlushResult(isCanceled: false, _broken));
    }

    public override void CancelPendingFlush()
    {
        if (Volatile.Read(ref _flushCanceled) is { } waiting)
        {
            waiting.TrySetResult();
        }
        else
        {
            _cancelFlush = true;
        }
    }

    public override void Complete(Exception? exception = null) => Flush();

    /// <summary>Completes when nothing is under way any more.</summary>
    public Task DrainAsync() => Flush() ?? Task.CompletedTask;

    /// <summary>Starts sending what was written.</summary>
    /// <returns>The sending, or null when it is done.</returns>
    private Task? Flush()
    {
        var previous = _sending is { IsCompleted: false } ? _sending : _sending = null;
        if (_buffer is not { } buffer)
        {
            return previous;
        }

        var length = _length;
        _buffer = null;
        _length = 0;
        var sent = previous is null ? Send(buffer.AsSpan(0, length)) : 0;
        if (sent == length || _broken)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return null;
        }

        return _sending = SendRestAsync(previous, buffer, sent, length);
    }

    private int Send(ReadOnlySpan<byte> bytes)
    {
        var sent = 0;
        while (sent < bytes.Length && !_broken)
        {
            try
            {
                sent += socket.Send(bytes[sent..], SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock)
                {
                    break;
                }

                _broken |= error != SocketError.Success;
            }
            catch (ObjectDisposedException)
            {
                _broken = true;
            }
        }

        return sent;
    }

    private async Task SendRestAsync(Task? previous, byte[] buffer, int sent, int length)
    {
        if (previous is not null)
        {
            await previous;
        }

        try
        {
            while (sent < length && !_broken)
            {
                sent += await socket.SendAsync(buffer.AsMemory(sent, length - sent), SocketFlags.None, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The reader of the same connection sees it too, and reports it.
            _broken = true;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private async ValueTask<FlushResult> WaitAsync(Task sending, CancellationToken cancellationToken)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _flushCanceled, canceled);
        try
        {
            var first = await Task.WhenAny(sending, canceled.Task).WaitAsync(cancellationToken);
            return new FlushResult(isCanceled: first != sending, _broken);
        }
        finally
        {
            Volatile.Write(ref _flushCanceled, null);
        }
    }

    private byte[] MakeRoom(int sizeHint)
    {
        var needed = _length + Math.Max(sizeHint, 1);
        if (_buffer is null)
        {
            return _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(needed, SmallestBuffer));
        }

        if (needed > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, checked(_buffer.Length * 2)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer;
    }
}
