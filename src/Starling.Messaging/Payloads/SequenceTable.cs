using System.Collections.Concurrent;
using Starling.Messaging.Connections;
using Starling.Messaging.Diagnostics;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Payloads;

/// <summary>The sequences of ours that the peer reads. Owner: the connection, which ends them all when it ends. Thread-safe.</summary>
internal sealed class SequenceTable(WireConnection connection, MessagingOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<long, LocalSequence> _sequences = new();
    private long _lastToken;

    /// <exception cref="RpcException">The peer holds too many open.</exception>
    public long Add(LocalSequence sequence)
    {
        if (_sequences.Count >= options.MaxOpenStreams)
        {
            throw new RpcException(RpcErrorCodes.ServerBusy, $"The peer holds {options.MaxOpenStreams} sequences open, which is the limit.");
        }

        var token = Interlocked.Increment(ref _lastToken);
        _sequences[token] = sequence;
        return token;
    }

    /// <exception cref="RpcException">There is none.</exception>
    public LocalSequence Get(long token) => _sequences.TryGetValue(token, out var sequence)
        ? sequence
        : throw new RpcException(RpcErrorCodes.NoSuchToken, $"There is no sequence {token}; it has ended or never began.");

    /// <summary>Ends a sequence and waits until it has.</summary>
    public Task EndAsync(long token) => _sequences.TryRemove(token, out var sequence) ? sequence.EndAsync() : Task.CompletedTask;

    /// <summary>Ends a sequence that nobody will read.</summary>
    public void End(long token) => _ = ObserveAsync(EndAsync(token));

    /// <summary>Ends all and waits, but not for ever: one that does not listen to its token must not keep the connection's owners waiting.</summary>
    public async Task CloseAsync()
    {
        var ending = ObserveAsync(Task.WhenAll([.. _sequences.Keys.Select(EndAsync)]));
        if (!ending.IsCompleted)
        {
            await Task.WhenAny(ending, Task.Delay(Patience, options.TimeProvider));
        }
    }

    private async Task ObserveAsync(Task ending)
    {
        try
        {
            await ending;
        }
        catch (Exception e)
        {
            connection.Context.Logger.HandlerFailed(e, "a sequence", connection.RemoteAddress);
        }
    }
}
