namespace Starling.Messaging.Multicast;

/// <summary>The last messages of a publisher. Thread-safe. Owner: the publisher.</summary>
internal sealed class FeedHistory(int maxMessages, long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _messages = new();
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private long _first = 1;

    /// <summary>Number of the next message to come.</summary>
    public long Next
    {
        get
        {
            lock (_gate)
            {
                return _first + _messages.Count;
            }
        }
    }

    /// <summary>Keeps a message and forgets the oldest beyond the limits.</summary>
    /// <returns>Its number.</returns>
    public long Add(ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            _messages.Enqueue(message);
            _bytes += message.Length;
            var number = _first + _messages.Count - 1;
            while (_messages.Count > maxMessages || (_bytes > maxBytes && _messages.Count > 1))
            {
                _bytes -= _messages.Dequeue().Length;
                _first++;
            }

            _added.TrySetResult();
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return number;
        }
    }

    /// <summary>Some of the messages from a number on.</summary>
    /// <returns>Them, the number of the first, and what ends when there are more.</returns>
    public (List<ReadOnlyMemory<byte>> Messages, long First, Task More) From(long number, int max)
    {
        lock (_gate)
        {
            var first = Math.Max(number, _first);
            return ([.. _messages.Skip((int)Math.Min(int.MaxValue, first - _first)).Take(max)], first, _added.Task);
        }
    }
}
