using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Starling.Messaging.Links.Polling;

/// <summary>
/// A socket whose reads go on on the thread of the <see cref="Poller"/> that found the bytes, and whose writes leave on the thread that writes
/// as long as the system takes them. One read and one write at a time; disposal ends both.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class PolledStream : Stream
{
    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly Poller _poller;
    private readonly Readiness _readable;
    private readonly Readiness _writable;
    private readonly long? _number;
    private volatile bool _isPeerDone;
    private volatile bool _watchesWrites;
    private int _isClosed;
    private bool _isDrained;

    private PolledStream(Socket socket, Poller poller)
    {
        _socket = socket;
        _handle = socket.SafeHandle;
        _poller = poller;
        _readable = new Readiness(Rearm);
        _writable = new Readiness(Rearm);
        _number = poller.Add(this, _handle);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The socket's bytes, polled where the system can.</summary>
    public static Stream Over(Socket socket) =>
        Poller.OfThisProcess is { } poller && new PolledStream(socket, poller) is { _number: not null } polled
            ? polled
            : new NetworkStream(socket, ownsSocket: true);

    /// <summary>Something has happened to the socket. Called by the poller, by several of its threads at once if the socket is busy.</summary>
    public void OnReady(uint events)
    {
        if ((events & (EpollEvent.PeerHungUp | EpollEvent.HungUp | EpollEvent.Error)) != 0)
        {
            _isPeerDone = true;
        }

        if ((events & ~EpollEvent.Readable) != 0 && _watchesWrites)
        {
            _writable.Signal();
        }

        if ((events & ~EpollEvent.Writable) != 0)
        {
            _readable.Signal();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ThrowIfOver(cancellationToken);

            // A read that did not fill its buffer has taken all there was, and what comes later is signalled: so nothing is asked in vain.
            // But the peer's end may have been signalled together with its last bytes.
            if (_readable.TakeSignal() || !_isDrained || _isPeerDone)
            {
                var count = Receive(buffer);
                _isDrained = count < buffer.Length;
                if (count >= 0)
                {
                    return count;
                }
            }

            await WaitAsync(_readable, cancellationToken).ConfigureAwait(false);
            _isDrained = false;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            ThrowIfOver(cancellationToken);
            var sent = Math.Max(0, Send(buffer));
            return sent == buffer.Length ? default : WriteRestAsync(buffer[sent..], cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <summary>Waits until the connection that was begun without waiting is there, or has failed.</summary>
    /// <exception cref="SocketException">It has failed.</exception>
    public async Task FinishConnectingAsync(CancellationToken cancellationToken)
    {
        _watchesWrites = true;
        Rearm();
        while (!_socket.Poll(0, SelectMode.SelectWrite) && !_socket.Poll(0, SelectMode.SelectError))
        {
            ThrowIfOver(cancellationToken);
            await WaitAsync(_writable, cancellationToken).ConfigureAwait(false);
        }

        _watchesWrites = false;
        Rearm();
        if ((SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! is var error && error != SocketError.Success)
        {
            throw new SocketException((int)error);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write it asynchronously.");

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _poller.Remove(_number!.Value, _handle);
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The peer was quicker.
            }

            _socket.Dispose();
            _readable.Wake();
            _writable.Wake();
        }

        base.Dispose(disposing);
    }

    private static async ValueTask WaitAsync(Readiness readiness, CancellationToken cancellationToken)
    {
        // The registration's end waits for a call of it that is under way, so that none reaches a later wait.
        using var registration = cancellationToken.UnsafeRegister(static readiness => ((Readiness)readiness!).Wake(), readiness);
        await readiness.WaitAsync().ConfigureAwait(false);
    }

    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        // Only as long as it is needed: room for more is signalled whenever the peer reads.
        _watchesWrites = true;
        Rearm();
        try
        {
            while (true)
            {
                ThrowIfOver(cancellationToken);
                _writable.TakeSignal();
                var sent = Send(buffer);
                if (sent < 0)
                {
                    await WaitAsync(_writable, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                buffer = buffer[sent..];
                if (buffer.IsEmpty)
                {
                    return;
                }
            }
        }
        finally
        {
            _watchesWrites = false;
            Rearm();
        }
    }

    /// <returns>How many bytes the system has taken; negative when it has no room.</returns>
    private int Send(ReadOnlyMemory<byte> buffer)
    {
        try
        {
            nint count;
            do
            {
                count = LibC.Send(_handle, buffer.Span, buffer.Length, LibC.AtOnce);
            }
            while (IsInterrupted(count));
            return Checked(count, "written to");
        }
        catch (ObjectDisposedException)
        {
            throw Ended();
        }
    }

    /// <returns>How many bytes there were, 0 at the end; negative when there are none yet.</returns>
    private int Receive(Memory<byte> buffer)
    {
        try
        {
            nint count;
            do
            {
                count = LibC.Receive(_handle, buffer.Span, buffer.Length, LibC.AtOnce);
            }
            while (IsInterrupted(count));
            return Checked(count, "read");
        }
        catch (ObjectDisposedException)
        {
            throw Ended();
        }
    }

    /// <summary>Tells the poller what is waited for. What is there already is signalled again.</summary>
    private void Rearm() => _poller.Watch(_number!.Value, _handle, _watchesWrites);

    private void ThrowIfOver(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Volatile.Read(ref _isClosed) != 0)
        {
            throw Ended();
        }
    }

    private static IOException Ended() => new("The link has been closed.");

    private static bool IsInterrupted(nint count) => count < 0 && Marshal.GetLastPInvokeError() == LibC.Interrupted;

    private static int Checked(nint count, string what)
    {
        if (count >= 0)
        {
            return (int)count;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == LibC.WouldBlock ? -1 : throw new IOException($"The peer cannot be {what}: {Marshal.GetPInvokeErrorMessage(error)}.");
    }
}
