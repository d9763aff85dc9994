using Starling.Server.Backplane;

namespace Starling.Documents.Tests;

/// <summary>A backplane that loses everything.</summary>
internal sealed class SilentBackplane : IBackplane
{
    public string NodeId { get; } = Guid.NewGuid().ToString("N");

    public bool IsAlone => false;

    public ValueTask PublishAsync(BackplaneMessage message, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<IAsyncDisposable> SubscribeAsync(
        string topic, Func<BackplaneMessage, ValueTask> handler, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IAsyncDisposable>(new MemoryStream());

    public ValueTask<int> CountOthersAsync(string topic, CancellationToken cancellationToken) => ValueTask.FromResult(0);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
