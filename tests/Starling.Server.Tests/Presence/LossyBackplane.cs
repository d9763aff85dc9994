using Starling.Server.Backplane;

namespace Starling.Server.Tests.Presence;

/// <summary>A backplane that drops what its node sends while it is told to, as full queues do.</summary>
internal sealed class LossyBackplane(InMemoryBackplane inner) : IBackplane
{
    public bool Loses { get; set; }

    public string NodeId => inner.NodeId;

    public bool IsAlone => inner.IsAlone;

    public ValueTask PublishAsync(BackplaneMessage message, CancellationToken cancellationToken) =>
        Loses ? ValueTask.CompletedTask : inner.PublishAsync(message, cancellationToken);

    public ValueTask<IAsyncDisposable> SubscribeAsync(
        string topic, Func<BackplaneMessage, ValueTask> handler, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(topic, handler, cancellationToken);

    public ValueTask<int> CountOthersAsync(string topic, CancellationToken cancellationToken) => inner.CountOthersAsync(topic, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
