using System.Collections.Concurrent;

namespace Starling.Server.Sessions;

/// <summary>
/// Send queues whose bytes are to be handed to the system, one after the other on a pool thread. While it works through the clients of one
/// broadcast, the next broadcasts add to the same queues, so that under load many messages leave in one system call.
/// </summary>
/// <remarks>
/// Thread-safe. A queue is in it at most once, which <see cref="SendQueue"/> sees to. Each thread that writes has a flush queue of its own,
/// so that one client's bytes leave before another's if the thread wrote them in this order. Large broadcasts are spread over those of
/// the connections, one for each core.
/// </remarks>
internal sealed class FlushQueue : IThreadPoolWorkItem
{
    private const int LongestOfThread = 64;

    [ThreadStatic]
    private static FlushQueue? _ofThread;

    private readonly ConcurrentQueue<SendQueue> _queues = new();
    private long _added;
    private long _flushed;
    private int _isWorking;
    private long _writes;

    /// <summary>How often the present thread has written to a client outside of a cork.</summary>
    public static long WritesOfThread => _ofThread?._writes ?? 0;

    /// <summary>Counts a write of the present thread.</summary>
    public static void CountWrite() => (_ofThread ??= new())._writes++;

    /// <summary>Flushes a send queue behind those to which the present thread has written before.</summary>
    /// <param name="queue">The send queue.</param>
    /// <param name="spread">The flush queue of its connection, for when those of the thread are many.</param>
    public static void AddOfThread(SendQueue queue, FlushQueue spread)
    {
        var own = _ofThread ??= new();
        (Volatile.Read(ref own._added) - Volatile.Read(ref own._flushed) < LongestOfThread ? own : spread).Add(queue);
    }

    public void Add(SendQueue queue)
    {
        Interlocked.Increment(ref _added);
        _queues.Enqueue(queue);
        if (Interlocked.CompareExchange(ref _isWorking, 1, 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            while (_queues.TryDequeue(out var queue))
            {
                queue.FlushNow();
                Volatile.Write(ref _flushed, _flushed + 1);
            }

            Volatile.Write(ref _isWorking, 0);
            Interlocked.MemoryBarrier();
            if (_queues.IsEmpty || Interlocked.Exchange(ref _isWorking, 1) == 1)
            {
                // Nothing came in between, or the thread that added it has started another work item.
                return;
            }
        }
    }
}
