using Starling.Messaging.NodeIpc;

namespace Starling.Supervisor.Routing;

/// <summary>
/// Messages of other applications that wait for one process. When more wait than is allowed the oldest are dropped, so that a process that stopped reading costs
/// its senders nothing and the supervisor no more than this. Owner: the process; thread-safe.
/// </summary>
/// <param name="channel">Where they go.</param>
/// <param name="onDropped">Called when a message is dropped for the first time.</param>
/// <param name="maxBytes">How many bytes may wait here, beside those that the channel holds. One message may always wait.</param>
internal sealed class RouteQueue(NodeChannel channel, Action onDropped, int maxBytes = RouteQueue.DefaultMaxBytes)
{
    private const int DefaultMaxBytes = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<ReadOnlyMemory<byte>> _waiting = [];
    private long _bytes;
    private bool _isSending;
    private bool _hasDropped;

    public void Add(ReadOnlyMemory<byte> message)
    {
        var (isFirstLoss, mustStart) = (false, false);
        lock (_lock)
        {
            _waiting.Enqueue(message);
            _bytes += message.Length;
            while (_bytes > maxBytes && _waiting.Count > 1)
            {
                _bytes -= _waiting.Dequeue().Length;
                isFirstLoss |= !_hasDropped;
                _hasDropped = true;
            }

            mustStart = !_isSending;
            _isSending = true;
        }

        if (isFirstLoss)
        {
            onDropped();
        }

        if (mustStart)
        {
            _ = SendAsync();
        }
    }

    private async Task SendAsync()
    {
        while (TryTake(out var message))
        {
            try
            {
                await channel.SendUtf8Async(message);
            }
            catch (Exception)
            {
                // The process has left, or this one message cannot go over its channel. What follows is tried; it fails at once in the first case.
            }
        }
    }

    private bool TryTake(out ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            if (_waiting.TryDequeue(out message))
            {
                _bytes -= message.Length;
                return true;
            }

            return _isSending = false;
        }
    }
}
