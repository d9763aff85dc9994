using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Starling.Server.Transports.Detaching;

/// <summary>Accepts the connections of one address.</summary>
internal sealed class SocketListener : IConnectionListener
{
    // A little more than a WebSocket that is told to close waits for its client's answer.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Socket? _socket;
    private readonly IAsyncEnumerator<Socket>? _handed;
    private readonly bool _noDelay;
    private readonly MemoryPool<byte> _memory;
    private readonly PipeOptions _input;
    private readonly DetachedConnections _detached;
    private readonly CancellationTokenSource _unbound = new();
    private CancellationToken _stopNow;
    private long _lastId = DateTime.UtcNow.Ticks;

    public SocketListener(EndPoint endPoint, SocketTransportOptions options, MemoryPool<byte> memory, DetachedConnections detached)
    {
        _noDelay = options.NoDelay;
        _memory = memory;
        _detached = detached;
        var limit = options.MaxReadBufferSize ?? 0;
        _input = new PipeOptions(
            memory, PipeScheduler.ThreadPool, PipeScheduler.Inline, limit, limit / 2, useSynchronizationContext: false);
        EndPoint = endPoint;
        if (endPoint is IAsyncEnumerable<Socket> sockets)
        {
            _handed = sockets.GetAsyncEnumerator(_unbound.Token);
            return;
        }

        try
        {
            _socket = options.CreateBoundListenSocket(endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }

        EndPoint = _socket.LocalEndPoint!;
        _socket.Listen(options.Backlog);
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return await NextAsync(cancellationToken) is { } socket ? Open(socket) : null;
            }
            catch (Exception exception) when (exception is ObjectDisposedException
                or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
            {
                // The listener was closed.
                return null;
            }
            catch (OperationCanceledException) when (_unbound.IsCancellationRequested)
            {
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.TooManyOpenSockets)
            {
                // Every further try would fail at once until one of the open ones is closed.
                await Task.Delay(RetryInterval, _detached.Time, cancellationToken);
            }
            catch (SocketException)
            {
                // The client left before it was accepted.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _stopNow = cancellationToken;
        _unbound.Cancel();
        _socket?.Dispose();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        _unbound.Dispose();
        await _detached.EndAsync(EndTimeout, _stopNow);
    }

    /// <summary>The next connection, accepted here or by whoever hands them over; null when no more come.</summary>
    private async ValueTask<Socket?> NextAsync(CancellationToken cancellationToken) =>
        _socket is not null ? await _socket.AcceptAsync(cancellationToken)
        : await _handed!.MoveNextAsync() ? _handed.Current
        : null;

    private SocketConnection Open(Socket socket)
    {
        try
        {
            socket.NoDelay = _noDelay;
            return new SocketConnection(NextId(), socket, _memory, _input, _detached);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string NextId() => Interlocked.Increment(ref _lastId).ToString("X", CultureInfo.InvariantCulture);
}
