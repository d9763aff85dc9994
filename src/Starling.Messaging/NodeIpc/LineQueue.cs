using System.Buffers;

namespace Starling.Messaging.NodeIpc;

/// <summary>
/// What waits to be sent over a channel, in order. After a line with a descriptor everything waits until the peer has acknowledged it, as in
/// Node.js, so that no two descriptors are ever on their way and a descriptor that got lost can be sent again in its place. Thread-safe.
/// </summary>
/// <param name="maxBytes">How many bytes may wait, see <see cref="NodeChannelOptions.MaxQueuedBytes"/>.</param>
/// <param name="start">Starts the loop that sends; called when there is something to send and the loop has ended.</param>
internal sealed class LineQueue(int maxBytes, Action start)
{
    private const int BatchBytes = 64 * 1024;
    private const int MaxResends = 3;

    private readonly Lock _gate = new();
    private readonly Queue<OutgoingLine> _lines = [];
    private readonly Queue<OutgoingLine> _waiting = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OutgoingLine? _inFlight;
    private long _bytes;
    private int _acknowledgementsOwed;
    private int _refusalsOwed;
    private bool _mustResend;
    private bool _running;
    private bool _completed;
    private Exception? _end;

    /// <summary>Ends when the queue was completed and everything has been sent, or when it was ended.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Adds a line, when there is room for it.</summary>
    /// <exception cref="NodeChannelException">The channel is closed.</exception>
    public Task AddAsync(OutgoingLine line, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_completed || _end is not null)
            {
                line.Dispose();
                return Task.FromException(Closed());
            }

            if (_waiting.Count > 0 || !Fits(line))
            {
                line.Room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(line);
                return WaitAsync(line.Room, cancellationToken);
            }

            Append(line);
            if (!MustStart())
            {
                return Task.CompletedTask;
            }
        }

        start();
        return Task.CompletedTask;
    }

    /// <summary>Adds a line whatever waits already: for answers, of which there are few.</summary>
    public void Add(byte[] line) => Do(() => Append(new OutgoingLine(line, null)));

    /// <summary>The peer got a descriptor.</summary>
    public void OnAcknowledged() => Do(EndFlight);

    /// <summary>The peer got a message without its descriptor: it is sent again, three times at most.</summary>
    public void OnRefused() => Do(() =>
    {
        if (_inFlight is not null && _inFlight.Refusals++ < MaxResends)
        {
            _mustResend = true;
        }
        else
        {
            EndFlight();
        }
    });

    /// <summary>Answers a message with a descriptor, before everything that waits.</summary>
    public void Answer(bool received) => Do(() =>
    {
        if (received)
        {
            _acknowledgementsOwed++;
        }
        else
        {
            _refusalsOwed++;
        }
    });

    /// <summary>
    /// Takes what can be sent now: bytes, then a line with a descriptor. False when there is nothing; then the loop has to end.
    /// </summary>
    public bool TryTake(ArrayBufferWriter<byte> batch, out OutgoingLine? withDescriptor)
    {
        withDescriptor = null;
        lock (_gate)
        {
            for (; _acknowledgementsOwed > 0; _acknowledgementsOwed--)
            {
                batch.Write(NodeWire.AcknowledgedLine);
            }

            for (; _refusalsOwed > 0; _refusalsOwed--)
            {
                batch.Write(NodeWire.RefusedLine);
            }

            if (_mustResend)
            {
                _mustResend = false;
                withDescriptor = _inFlight;
            }

            while (_inFlight is null && batch.WrittenCount < BatchBytes && _lines.TryDequeue(out var line))
            {
                _bytes -= line.Bytes.Length;
                if (line.Descriptor is not null)
                {
                    withDescriptor = _inFlight = line;
                }
                else
                {
                    batch.Write(line.Bytes);
                }

                Admit();
            }

            if (batch.WrittenCount > 0 || withDescriptor is not null)
            {
                return true;
            }

            _running = false;
            if (_completed && _inFlight is null)
            {
                _drained.TrySetResult();
            }

            return false;
        }
    }

    /// <summary>Takes nothing more in, and drains.</summary>
    public void Complete() => Do(() => _completed = true);

    /// <summary>Forgets what waits.</summary>
    public void End(Exception? reason)
    {
        lock (_gate)
        {
            _end ??= reason ?? new NodeChannelException("The channel is closed.");
            EndFlight();
            foreach (var line in _lines)
            {
                line.Dispose();
            }

            foreach (var line in _waiting)
            {
                line.Room!.TrySetException(Closed());
                line.Dispose();
            }

            _lines.Clear();
            _waiting.Clear();
            _drained.TrySetResult();
        }
    }

    private static async Task WaitAsync(TaskCompletionSource room, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (room, token) => ((TaskCompletionSource)room!).TrySetCanceled(token), room);
        await room.Task;
    }

    private void Do(Action change)
    {
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            change();
            if (!MustStart())
            {
                return;
            }
        }

        start();
    }

    private bool MustStart()
    {
        if (_running)
        {
            return false;
        }

        return _running = true;
    }

    private void EndFlight()
    {
        _inFlight?.Dispose();
        _inFlight = null;
        _mustResend = false;
    }

    private bool Fits(OutgoingLine line) => _bytes == 0 || _bytes + line.Bytes.Length <= maxBytes;

    private void Append(OutgoingLine line)
    {
        _lines.Enqueue(line);
        _bytes += line.Bytes.Length;
    }

    private void Admit()
    {
        while (_waiting.TryPeek(out var line) && Fits(line))
        {
            _waiting.Dequeue();
            if (line.Room!.TrySetResult())
            {
                Append(line);
            }
            else
            {
                // Its sender gave up.
                line.Dispose();
            }
        }
    }

    private NodeChannelException Closed() => _end is null or NodeChannelException { InnerException: null }
        ? new NodeChannelException("The channel is closed: nothing can be sent over it.")
        : new NodeChannelException($"The channel is closed: {_end.Message}", _end);
}
