using Starling.Messaging.Connections;

namespace Starling.Messaging.Payloads;

/// <summary>A sequence of ours that the peer reads. Owner: the connection's <see cref="SequenceTable"/>.</summary>
internal abstract class LocalSequence
{
    private int _isAsked;

    /// <summary>Whether nobody waits for its next values yet; who asks does from now on, until <see cref="OnAnswered"/>.</summary>
    public bool TryAsk() => Interlocked.Exchange(ref _isAsked, 1) == 0;

    public void OnAnswered() => Volatile.Write(ref _isAsked, 0);

    /// <summary>Most values that one answer carries.</summary>
    protected const int MaxBatch = 128;

    /// <summary>Waits for the next values and returns how to write them; called again only after it is done.</summary>
    public abstract Task<SequenceBatch> NextAsync(WireConnection connection, CancellationToken cancellationToken);

    public abstract Task EndAsync();
}
