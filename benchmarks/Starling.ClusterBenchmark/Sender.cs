using System.Diagnostics;
using Starling.Server.Backplane;

namespace Starling.ClusterBenchmark;

/// <summary>Publishes as fast as the receiver takes it: a few megabytes are on the way, far less than a link keeps.</summary>
internal sealed class Sender(IBackplane node) : IAsyncDisposable
{
    private const int MaxBytes = 10_000_000;
    private const int MaxSteps = 10;

    private readonly SemaphoreSlim _steps = new(0);
    private IAsyncDisposable? _subscription;

    public static async Task<Sender> StartAsync(IBackplane node)
    {
        var sender = new Sender(node);
        sender._subscription = await node.SubscribeAsync(Receiver.Counts, sender.OnCountAsync, CancellationToken.None);
        return sender;
    }

    public async Task<Measurement> RunAsync(int bytes, double seconds)
    {
        var window = Math.Clamp(MaxBytes / (bytes * Receiver.Step), 1, MaxSteps);
        _steps.Release(window);
        var message = new DataMessage(Receiver.Topic, new byte[bytes]);
        using var self = Process.GetCurrentProcess();
        var (before, allocated, began, sent) = (self.TotalProcessorTime, GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            await _steps.WaitAsync();
            for (var i = 0; i < Receiver.Step; i++)
            {
                await node.PublishAsync(message, CancellationToken.None);
            }

            sent += Receiver.Step;
        }

        for (var i = 0; i < window; i++)
        {
            await _steps.WaitAsync();
        }

        var elapsed = Stopwatch.GetElapsedTime(began);
        self.Refresh();
        return new Measurement(sent, elapsed, self.TotalProcessorTime - before, GC.GetTotalAllocatedBytes() - allocated);
    }

    public async ValueTask DisposeAsync()
    {
        await _subscription!.DisposeAsync();
        _steps.Dispose();
    }

    private ValueTask OnCountAsync(BackplaneMessage message)
    {
        _steps.Release();
        return ValueTask.CompletedTask;
    }
}
