namespace Starling.Server.Sessions;

/// <summary>Flushes a send queue once several flush queues have come to this item.</summary>
/// <param name="queue">The send queue.</param>
/// <param name="count">How many flush queues it waits for.</param>
internal sealed class FlushFence(SendQueue queue, int count) : IFlushable
{
    private int _left = count;

    public void FlushNow()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            queue.FlushNow();
        }
    }
}
