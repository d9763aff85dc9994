using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Starling.Server.Transports.Detaching;

/// <summary>
/// Waits until a socket has something to read, without a buffer: a receive of no bytes. The one object that an idle connection keeps for it.
/// </summary>
/// <remarks>
/// One wait at a time. A wait that is interrupted leaves its receive with the system, and the next wait takes that over. The wait's
/// continuation runs on the pool thread that got the news.
/// </remarks>
internal sealed class SocketReadiness : SocketAsyncEventArgs, IValueTaskSource<ReadResult>
{
    private readonly Socket _socket;
    private readonly SocketReader _reader;
    private ManualResetValueTaskSourceCore<bool> _core;
    private bool _receiving;
    private bool _waiting;
    private bool _interrupted;

    // The base class is told not to keep an execution context: whoever waits has its own.
    public SocketReadiness(Socket socket, SocketReader reader)
        : base(true)
    {
        _socket = socket;
        _reader = reader;
        SetBuffer(Memory<byte>.Empty);
    }

    /// <summary>Waits, then reads what there is.</summary>
    public ValueTask<ReadResult> WaitAsync()
    {
        var mustReceive = false;
        lock (this)
        {
            _core.Reset();
            if (_interrupted)
            {
                _interrupted = false;
                _core.SetResult(false);
            }
            else
            {
                _waiting = true;
                mustReceive = !_receiving;
                _receiving = true;
            }
        }

        if (mustReceive)
        {
            Receive();
        }

        return new ValueTask<ReadResult>(this, _core.Version);
    }

    /// <summary>Ends the present wait, or else the next one, with a result that says so.</summary>
    public void Interrupt()
    {
        lock (this)
        {
            if (!_waiting)
            {
                _interrupted = true;
                return;
            }

            _waiting = false;
        }

        _core.SetResult(false);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _reader.Receive(isCanceled: !_core.GetResult(token));

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        lock (this)
        {
            _receiving = false;
            if (!_waiting)
            {
                return;
            }

            _waiting = false;
        }

        // Whether there are bytes, an end or an error, the receive that follows tells.
        _core.SetResult(true);
    }

    private void Receive()
    {
        bool isPending;
        try
        {
            isPending = _socket.ReceiveAsync(this);
        }
        catch (ObjectDisposedException)
        {
            isPending = false;
        }

        if (!isPending)
        {
            OnCompleted(this);
        }
    }
}
