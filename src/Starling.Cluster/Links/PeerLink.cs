using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Starling.Cluster.Diagnostics;
using Starling.Cluster.Wire;
using Starling.Protocol.Buffers;

namespace Starling.Cluster.Links;

/// <summary>The link to one other node: one loop reads, one sends. Life time: from the greeting to the end of the connection. Thread-safe.</summary>
internal sealed class PeerLink : IDisposable
{
    private const int ReadBytes = 64 * 1024;
    private const int MaxGreetingBytes = 256;

    private readonly Socket _socket;
    private readonly PipeReader _input;
    private readonly LocalClusterOptions _options;
    private readonly ILogger _log;
    private readonly SendQueue _queue;
    private readonly FrameReader _frames;
    private Task _sending = Task.CompletedTask;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, TaskCompletionSource> _awaited = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastNumber;
    private long _answered;
    private int _cut;

    public PeerLink(Socket socket, LocalClusterOptions options, ILogger log)
    {
        _socket = socket;
        _options = options;
        _log = log;
        _queue = new SendQueue(socket, options.MaxQueuedBytes);

        // Reads of no bytes wait for the first one, so that an idle link holds no buffer.
        _input = PipeReader.Create(
            new NetworkStream(socket, ownsSocket: false), new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: ReadBytes / 4, useZeroByteReads: true));
        _frames = new FrameReader(_input) { MaxBytes = MaxGreetingBytes };
    }

    /// <summary>The other node, after the greeting.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Completes when the link is over and all that came by it has been handed on.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes when all topics of the other node are known here; or the link is over.</summary>
    public Task Known => _known.Task;

    /// <summary>Completes when all topics of this node are known there; or the link is over.</summary>
    public Task Told { get; set; } = Task.CompletedTask;

    /// <summary>Whether all topics are known on both sides.</summary>
    public bool IsSettled => Told.IsCompleted && Known.IsCompleted;

    /// <summary>Whether it was cut because the other node did not read.</summary>
    public bool WasCut => Volatile.Read(ref _cut) != 0;

    /// <summary>Sends this node's greeting and reads the other's.</summary>
    /// <exception cref="WireException">It is none.</exception>
    /// <exception cref="VersionException">It is of another version.</exception>
    /// <exception cref="IOException">The other node is gone.</exception>
    public async Task GreetAsync(byte[] greeting, CancellationToken cancellationToken)
    {
        _ = await _socket.SendAsync(greeting, cancellationToken);
        Name = await _frames.ReadAsync(cancellationToken) is { } frame
            ? Greeting.Read(frame.Kind, frame.Content)
            : throw new IOException("The other node closed the connection before it greeted.");
        _frames.MaxBytes = _options.MaxMessageBytes;
    }

    /// <summary>Sends a frame some time; cuts the link if too much waits already.</summary>
    /// <returns>False if it was cut by this.</returns>
    public bool Send(ReadOnlySpan<byte> frame)
    {
        if (_queue.TryAdd(frame))
        {
            return true;
        }

        if (Interlocked.Exchange(ref _cut, 1) == 0)
        {
            _log.PeerTooSlow(Name, _options.MaxQueuedBytes);
            _queue.End();
            _socket.Dispose();
        }

        return false;
    }

    /// <summary>Number of the newest <see cref="Mark"/> or synchronization that the other node has answered. Exact where what it sends is received.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>Sends what the other node answers as soon as it gets there.</summary>
    /// <returns>What <see cref="Answered"/> is from then on, at least.</returns>
    public long Mark()
    {
        using var buffer = new PooledBuffer();
        lock (_gate)
        {
            Send(buffer.Number(FrameKind.Synchronize, ++_lastNumber));
            return _lastNumber;
        }
    }

    /// <summary>Completes when the other node has put into effect all that was sent before; or the link is over.</summary>
    public Task SynchronizeAsync()
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var buffer = new PooledBuffer();
        lock (_gate)
        {
            if (_ended.Task.IsCompleted)
            {
                return Task.CompletedTask;
            }

            _awaited[++_lastNumber] = answered;
            Send(buffer.Number(FrameKind.Synchronize, _lastNumber));
        }

        return answered.Task;
    }

    /// <summary>Begins to send, and reads until the connection ends.</summary>
    /// <param name="receive">Gets every frame that is not about the link itself; what it throws as <see cref="WireException"/> ends the link.</param>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever another process sent or caused ends its link and nothing else.")]
    public async Task ReceiveAsync(Action<PeerLink, FrameKind, ReadOnlyMemory<byte>> receive)
    {
        _sending = SendAsync();
        try
        {
            while (await _frames.ReadAsync(CancellationToken.None) is { } frame)
            {
                Receive(receive, frame.Kind, frame.Content);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The other node is gone, or the link was cut here.
        }
        catch (Exception exception)
        {
            _log.PeerGarbled(Name, exception.Message);
        }
    }

    /// <summary>Sends what waits and ends the link.</summary>
    public async Task CloseAsync(TimeSpan timeout, TimeProvider time)
    {
        _queue.End();
        try
        {
            await Ended.WaitAsync(timeout, time);
        }
        catch (TimeoutException)
        {
            _log.PeerSilent(Name, timeout);
            Dispose();
        }
    }

    /// <summary>Closes it, when all that came has been handed on.</summary>
    public async Task EndAsync()
    {
        Dispose();
        await _sending;
        await _input.CompleteAsync();
        lock (_gate)
        {
            _ended.TrySetResult();
            _known.TrySetResult();
            foreach (var answered in _awaited.Values)
            {
                answered.TrySetResult();
            }

            _awaited.Clear();
        }
    }

    public void Dispose()
    {
        _queue.End();
        _socket.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            await _queue.RunAsync();

            // Ended here: the other node reads to the end and closes, whereupon this side's reading ends.
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
        {
            // Gone; the reading side learns it too, and what it has received before counts.
        }
    }

    private void Receive(Action<PeerLink, FrameKind, ReadOnlyMemory<byte>> receive, FrameKind kind, ReadOnlyMemory<byte> content)
    {
        switch (kind)
        {
            case FrameKind.Synchronize:
                // The first one follows the topics that the other node had when the link began.
                _known.TrySetResult();
                using (var buffer = new PooledBuffer())
                {
                    Send(buffer.Number(FrameKind.Synchronized, ReadNumber(content)));
                }

                break;
            case FrameKind.Synchronized:
                Complete(ReadNumber(content));
                break;
            default:
                receive(this, kind, content);
                break;
        }
    }

    private void Complete(long number)
    {
        TaskCompletionSource? answered;
        lock (_gate)
        {
            if (number != _answered + 1 || number > _lastNumber)
            {
                throw new WireException($"it answers {number}, which was not asked");
            }

            Volatile.Write(ref _answered, number);
            _awaited.Remove(number, out answered);
        }

        answered?.SetResult();
    }

    private static long ReadNumber(ReadOnlyMemory<byte> content)
    {
        var fields = new FieldReader(content);
        var number = fields.ReadNumber();
        fields.End();
        return number;
    }
}
