using System.Collections.Concurrent;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Payloads;

/// <summary>The sequences of ours that the peer reads. Owner: the connection, which ends them all when it ends. Thread-safe.</summary>
internal sealed class SequenceTable(int limit)
{
    private readonly ConcurrentDictionary<long, LocalSequence> _sequences = new();
    private long _lastToken;

    /// <exception cref="RpcException">The peer holds too many open.</exception>
    public long Add(LocalSequence sequence)
    {
        if (_sequences.Count >= limit)
        {
            throw new RpcException(RpcErrorCodes.ServerBusy, $"The peer holds {limit} sequences open, which is the limit.");
        }

        var token = Interlocked.Increment(ref _lastToken);
        _sequences[token] = sequence;
        return token;
    }

    /// <exception cref="RpcException">There is none.</exception>
    public LocalSequence Get(long token) => _sequences.TryGetValue(token, out var sequence)
        ? sequence
        : throw new RpcException(RpcErrorCodes.NoSuchToken, $"There is no sequence {token}; it has ended or never began.");

    public Task EndAsync(long token) => _sequences.TryRemove(token, out var sequence) ? sequence.EndAsync() : Task.CompletedTask;

    public Task EndAllAsync() => Task.WhenAll([.. _sequences.Keys.Select(EndAsync)]);
}
