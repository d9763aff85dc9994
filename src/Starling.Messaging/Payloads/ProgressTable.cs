using System.Collections.Concurrent;

namespace Starling.Messaging.Payloads;

/// <summary>The calls of ours that want to hear of their progress. Owner: the connection. Thread-safe.</summary>
internal sealed class ProgressTable
{
    private readonly ConcurrentDictionary<long, ProgressSink> _sinks = new();
    private long _lastToken;

    public long Add(ProgressSink sink)
    {
        var token = Interlocked.Increment(ref _lastToken);
        _sinks[token] = sink;
        return token;
    }

    public void Remove(long token) => _sinks.TryRemove(token, out _);

    public ProgressSink? Find(long token) => _sinks.GetValueOrDefault(token);
}
