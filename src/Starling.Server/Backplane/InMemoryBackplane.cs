namespace Starling.Server.Backplane;

/// <summary>The backplane of nodes that live in one process; alone, unless it shares its hub with others.</summary>
public sealed class InMemoryBackplane : IBackplane
{
    private readonly InMemoryBackplaneHub _hub;

    /// <summary>Creates the backplane of a node that is alone.</summary>
    public InMemoryBackplane()
        : this(new InMemoryBackplaneHub())
    {
    }

    /// <summary>Creates the backplane of a node that shares a hub with others.</summary>
    /// <param name="hub">What connects the nodes.</param>
    public InMemoryBackplane(InMemoryBackplaneHub hub)
    {
        ArgumentNullException.ThrowIfNull(hub);
        _hub = hub;
        hub.Add(this);
    }

    /// <inheritdoc/>
    public string NodeId { get; } = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    public bool IsAlone => _hub.NodeCount < 2;

    /// <inheritdoc/>
    public ValueTask PublishAsync(BackplaneMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        _hub.Publish(this, message with { Sender = NodeId });
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> SubscribeAsync(
        string topic, Func<BackplaneMessage, ValueTask> handler, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(handler);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_hub.Subscribe(this, topic, handler));
    }

    /// <inheritdoc/>
    public ValueTask<int> CountOthersAsync(string topic, CancellationToken cancellationToken) => new(_hub.CountOthers(this, topic));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _hub.Remove(this);
        return ValueTask.CompletedTask;
    }
}
