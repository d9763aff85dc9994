using System.Collections.Concurrent;

namespace Starling.Server.Sessions;

/// <summary>
/// Send queues whose bytes are to be handed to the system, one after the other on a pool thread. While it works through the clients of one
/// broadcast, the next broadcasts add to the same queues, so that under load many messages leave in one system call.
/// </summary>
/// <remarks>Thread-safe. A queue is in it at most once, which <see cref="SendQueue"/> sees to.</remarks>
internal sealed class FlushQueue : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<SendQueue> _queues = new();
    private int _isWorking;

    public void Add(SendQueue queue)
    {
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
            }

            Volatile.Write(ref _isWorking, 0);
            Interlocked.MemoryBarrier();
            if (_queues.IsEmpty || Interlocked.Exchange(ref _isWorking, 1) == 1)
            {
                // Nothing came in between, or whoever added it has started another work item.
                return;
            }
        }
    }
}
