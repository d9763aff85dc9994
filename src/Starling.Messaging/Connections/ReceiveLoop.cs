using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>
/// Reads frames. The thread that finds bytes takes them apart, asks for the next bytes, and only when it would have to wait for those does the
/// work that has come: so work never keeps the connection from being read, and a quick answer costs no change of threads.
/// </summary>
/// <remarks>Owner: the connection. One thread at a time is in the reading part; the work may overlap with it.</remarks>
internal sealed class ReceiveLoop
{
    /// <summary>Most bytes of a large message that are waited for in one piece.</summary>
    private const int MaxAtOnce = 64 * 1024;

    /// <summary>Messages that are worth waking another thread while there is more to read.</summary>
    private const int WorthAnother = 8;

    /// <summary>Bytes that are, too, however few messages are in them.</summary>
    private const int BytesWorthAnother = 256 * 1024;

    private readonly PipeReader _input;
    private readonly FrameLimits _limits;
    private readonly IFrameReceiver _receiver;
    private readonly TimeProvider _time;
    private readonly Action _resume;
    private readonly WaitCallback _runBatch;
    private ValueTaskAwaiter<ReadResult> _read;
    private long _partialSince;
    private int _missing;
    private int _buffered;

    // Read since work was last begun.
    private int _frames;
    private int _bytes;

    public ReceiveLoop(PipeReader input, FrameLimits limits, IFrameReceiver receiver, TimeProvider time)
    {
        _input = input;
        _limits = limits;
        _receiver = receiver;
        _time = time;
        _resume = Resume;
        _runBatch = _ => receiver.OnBatch();
    }

    /// <summary>When bytes came last.</summary>
    public long LastRead { get; private set; }

    /// <summary>Since when a frame is waiting for its rest, or null when none is.</summary>
    public long? PartialSince => Volatile.Read(ref _partialSince) is var since && since == 0 ? null : since;

    /// <summary>Gives the rest of a frame more time.</summary>
    public void Postpone(long ticks)
    {
        // If it has not come meanwhile.
        if (Volatile.Read(ref _partialSince) is var since and not 0)
        {
            Interlocked.CompareExchange(ref _partialSince, since + ticks, since);
        }
    }

    public void Start()
    {
        LastRead = _time.GetTimestamp();
        ReadOn();
    }

    /// <summary>Ends reading soon; what has not come is not waited for.</summary>
    public void Cancel() => _input.CancelPendingRead();

    private void Resume()
    {
        if (TakeFrames())
        {
            ReadOn();
        }
    }

    private void ReadOn()
    {
        while (true)
        {
#pragma warning disable CA2012 // The awaiter is kept until its result is taken, once, by TakeFrames.
            try
            {
                // The rest of a large message in few pieces; but no memory for what a peer has only announced.
                _read = (_missing > 1 ? _input.ReadAtLeastAsync(_buffered + Math.Min(_missing, MaxAtOnce)) : _input.ReadAsync()).GetAwaiter();
            }
            catch (Exception e)
            {
                _receiver.OnEnd(e);
                return;
            }
#pragma warning restore CA2012

            if (!_read.IsCompleted)
            {
                _frames = _bytes = 0;
                _read.UnsafeOnCompleted(_resume);
                _receiver.OnBatch();
                return;
            }

            // More has come already, and is taken first, unless there is enough work for another thread: to wake one costs more than one message.
            if (_frames >= WorthAnother || _bytes >= BytesWorthAnother)
            {
                _frames = _bytes = 0;
                ThreadPool.UnsafeQueueUserWorkItem(_runBatch, null);
            }

            if (!TakeFrames())
            {
                return;
            }
        }
    }

    /// <returns>Whether to read on.</returns>
    private bool TakeFrames()
    {
        try
        {
            var result = _read.GetResult();
            LastRead = _time.GetTimestamp();
            var buffer = result.Buffer;
            while (FrameReader.TryRead(ref buffer, _limits, out var frame, out _missing))
            {
                Volatile.Write(ref _partialSince, 0);
                _receiver.OnFrame(frame);
                _frames++;
            }

            if (!buffer.IsEmpty && _partialSince == 0)
            {
                Volatile.Write(ref _partialSince, LastRead);
            }

            _bytes += (int)result.Buffer.Length - _buffered;
            _buffered = (int)buffer.Length;
            var isCut = result.IsCompleted && !buffer.IsEmpty;
            _input.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted && !result.IsCanceled)
            {
                return true;
            }

            _receiver.OnEnd(isCut ? new IOException("The peer closed the connection in the middle of a message.") : null);
        }
        catch (Exception e)
        {
            _receiver.OnEnd(e);
        }

        return false;
    }
}
