using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Threading.Tasks.Sources;

namespace Starling.Messaging.Links.Polling;

/// <summary>A socket whose reads go on on the thread that found the bytes. One read and one write at a time.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PolledStream : Stream, IValueTaskSource<int>
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Signalled = 2;
    private const int Closed = 3;

    private readonly Socket _socket;
    private readonly Poller _poller;
    private readonly NetworkStream _stream;
    private readonly long _number;
    private ManualResetValueTaskSourceCore<int> _source;
    private Memory<byte> _buffer;
    private CancellationTokenRegistration _registration;
    private int _state;

    private PolledStream(Socket socket, Poller poller)
    {
        _socket = socket;
        _poller = poller;
        _stream = new NetworkStream(socket, ownsSocket: true);
        socket.Blocking = false;
        _number = poller.Add(this, socket.SafeHandle) ?? throw new IOException("The system cannot watch more sockets.");
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
    public static Stream Over(Socket socket) => Poller.OfThisProcess is { } poller ? new PolledStream(socket, poller) : new NetworkStream(socket, ownsSocket: true);

    /// <summary>Bytes may have come. Called by the poller, by several of its threads at once if the socket is busy.</summary>
    public void OnReady()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Idle when Interlocked.CompareExchange(ref _state, Signalled, Idle) == Idle:
                    return;
                case Waiting when Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting:
                    Complete();
                    return;
                case Signalled or Closed:
                    return;
            }
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _buffer = buffer;
        _source.Reset();
        try
        {
            if (TryReceive(out var count))
            {
                return new ValueTask<int>(count);
            }

            // Nobody can begin the next read before this one has been returned.
            _registration = cancellationToken.UnsafeRegister(static (stream, token) => ((PolledStream)stream!).Cancel(token), this);
            return new ValueTask<int>(this, _source.Version);
        }
        catch (IOException e)
        {
            return ValueTask.FromException<int>(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _stream.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _stream.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write it asynchronously.");

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token)
    {
        _registration.Unregister();
        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        var state = Interlocked.Exchange(ref _state, Closed);
        if (state != Closed && disposing)
        {
            _poller.Remove(_number, _socket.SafeHandle);
            _stream.Dispose();
            if (state == Waiting)
            {
                // Not on this thread, which may hold what the reader wants.
                ThreadPool.UnsafeQueueUserWorkItem(static stream => stream.Fail(), this, preferLocal: false);
            }
        }

        base.Dispose(disposing);
    }

    private static IOException Ended() => new("The link has been closed.");

    private void Cancel(CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
        {
            _source.SetException(new OperationCanceledException(token));
        }
    }

    private void Fail() => _source.SetException(Ended());

    private void Complete()
    {
        int count;
        try
        {
            if (!TryReceive(out count))
            {
                return;
            }
        }
        catch (IOException e)
        {
            _source.SetException(e);
            return;
        }

        _source.SetResult(count);
    }

    /// <returns>False when there is nothing yet; the read is then completed by the poller.</returns>
    private bool TryReceive(out int count)
    {
        while (true)
        {
            // What is signalled from here on is newer than what is received now.
            if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Closed)
            {
                throw Ended();
            }

            try
            {
                count = _socket.Receive(_buffer.Span, SocketFlags.None, out var error);
                if (error == SocketError.Success)
                {
                    return true;
                }

                if (error != SocketError.WouldBlock)
                {
                    throw new IOException($"The peer cannot be read: {new SocketException((int)error).Message}", new SocketException((int)error));
                }
            }
            catch (ObjectDisposedException)
            {
                throw Ended();
            }

            switch (Interlocked.CompareExchange(ref _state, Waiting, Idle))
            {
                case Idle:
                    return false;
                case Closed:
                    throw Ended();
            }
        }
    }
}
