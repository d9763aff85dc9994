using Starling.Server.Backplane;

namespace Starling.ClusterBenchmark;

/// <summary>Counts messages and says so after every thousand.</summary>
internal sealed class Receiver(IBackplane node) : IAsyncDisposable
{
    public const string Topic = "messages";
    public const string Counts = "counts";
    public const int Step = 1000;

    private IAsyncDisposable? _subscription;
    private int _count;

    public static async Task<Receiver> StartAsync(IBackplane node)
    {
        var receiver = new Receiver(node);
        receiver._subscription = await node.SubscribeAsync(Topic, receiver.ReceiveAsync, CancellationToken.None);
        return receiver;
    }

    public ValueTask DisposeAsync() => _subscription!.DisposeAsync();

    private ValueTask ReceiveAsync(BackplaneMessage message) =>
        ++_count % Step == 0 ? node.PublishAsync(new DataMessage(Counts, default), CancellationToken.None) : ValueTask.CompletedTask;
}
