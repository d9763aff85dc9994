using System.Collections.Concurrent;

namespace Starling.Server.Sessions;

/// <summary>
/// Send queues whose bytes are to be handed to the system, one after the other on a pool thread. While it works through the clients of one
/// broadcast, the next broadcasts add to the same queues, so that under load many messages leave in one system call.
/// </summary>
/// <remarks>
/// Thread-safe. A server has one for each core, each for a part of the connections. A send queue is in it at most once, which
/// <see cref="SendQueue"/> sees to.
/// </remarks>
internal sealed class FlushQueue : IThreadPoolWorkItem
{
    /// <summary>
    /// To so many clients a thread may write within one cork for their bytes to leave first. A larger broadcast is not waited for: its
    /// sender would otherwise send the next one late, and fewer messages would share a system call.
    /// </summary>
    public const int MostWaitedFor = 64;

    [ThreadStatic]
    private static long _writesOfThread;

    private readonly ConcurrentQueue<IFlushable> _waiting = new();
    private readonly FlushQueue[] _all;
    private int _isWorking;

    private FlushQueue(FlushQueue[] all)
    {
        _all = all;
    }

    /// <summary>How often the present thread has written to a client outside of a cork.</summary>
    public static long WritesOfThread => _writesOfThread;

    /// <summary>Makes the queues of a server.</summary>
    public static FlushQueue[] Create(int count)
    {
        var all = new FlushQueue[count];
        for (var i = 0; i < count; i++)
        {
            all[i] = new FlushQueue(all);
        }

        return all;
    }

    /// <summary>Counts a write of the present thread.</summary>
    public static void CountWrite() => _writesOfThread++;

    public void Add(IFlushable item)
    {
        _waiting.Enqueue(item);
        if (Interlocked.CompareExchange(ref _isWorking, 1, 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Flushes a send queue behind all those to which the present thread has written before.</summary>
    public void AddBehindAll(SendQueue queue)
    {
        var fence = new FlushFence(queue, _all.Length);
        foreach (var flushes in _all)
        {
            // One that does not work has flushed all that this thread has added.
            if (Volatile.Read(ref flushes._isWorking) == 0)
            {
                fence.FlushNow();
            }
            else
            {
                flushes.Add(fence);
            }
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            while (_waiting.TryDequeue(out var item))
            {
                item.FlushNow();
            }

            Volatile.Write(ref _isWorking, 0);
            Interlocked.MemoryBarrier();
            if (_waiting.IsEmpty || Interlocked.Exchange(ref _isWorking, 1) == 1)
            {
                // Nothing came in between, or the thread that added it has started another work item.
                return;
            }
        }
    }
}
