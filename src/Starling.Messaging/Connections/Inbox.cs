using System.Collections.Concurrent;
using Starling.Messaging.Diagnostics;

namespace Starling.Messaging.Connections;

/// <summary>
/// What a peer has asked for and what has not begun yet. Items begin one after the other in the order they came; each runs to its first
/// wait before the next begins. Thread-safe. Owner: the connection.
/// </summary>
/// <param name="limit">How many may wait.</param>
/// <param name="concurrency">How many may be under way.</param>
/// <param name="gauge">Watches how many wait.</param>
/// <param name="output">Held back while items begin, so that their answers leave together.</param>
internal sealed class Inbox(int limit, int concurrency, QueueGauge gauge, SendQueue output)
{
    private readonly ConcurrentQueue<InboxItem> _items = new();
    private int _count;
    private int _running;
    private int _isDraining;

    /// <summary>How many wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many are under way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <returns>False when too many wait already.</returns>
    public bool TryAdd(InboxItem item)
    {
        var count = Interlocked.Increment(ref _count);
        if (count > limit)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        gauge.Observe(count);
        _items.Enqueue(item);
        return true;
    }

    /// <summary>Begins what waits, unless another thread is doing so.</summary>
    public void Drain()
    {
        while (!_items.IsEmpty && Running < concurrency && Interlocked.CompareExchange(ref _isDraining, 1, 0) == 0)
        {
            output.Cork();
            try
            {
                while (Running < concurrency && _items.TryDequeue(out var item))
                {
                    gauge.Observe(Interlocked.Decrement(ref _count));
                    Interlocked.Increment(ref _running);
                    item.Run();
                }
            }
            finally
            {
                Volatile.Write(ref _isDraining, 0);
                output.Uncork();
            }
        }
    }

    /// <summary>To be called by each item when it is done.</summary>
    public void OnDone()
    {
        if (Interlocked.Decrement(ref _running) == concurrency - 1 && !_items.IsEmpty)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static inbox => inbox.Drain(), this, preferLocal: false);
        }
    }
}
