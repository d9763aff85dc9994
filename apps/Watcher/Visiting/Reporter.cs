using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Messaging.NodeIpc;
using Starling.Worker;

namespace Starling.Apps.Watcher.Visiting;

/// <summary>Sends what visitors do to the master, over the channel to the supervisor; answers a master that asks who is there.</summary>
internal sealed class Reporter(VisitorTable visitors, IWorkerChannel channel, WatcherOptions options, TimeProvider time, ILogger<Reporter> logger) : BackgroundService
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(ReportAsync(stoppingToken), ListenAsync(stoppingToken));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // With those who left during the drain.
        if (channel.IsConnected)
        {
            await SendAsync((visitors.TakeReport() ?? new WorkerReport()) with { IsLast = true }, cancellationToken);
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.ReportInterval, time);
        var (sentAt, toldAt) = (time.GetTimestamp(), time.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (time.GetElapsedTime(toldAt) >= options.PresenceInterval)
                {
                    visitors.RequestPresence();
                    toldAt = time.GetTimestamp();
                }

                var report = visitors.TakeReport() ?? (time.GetElapsedTime(sentAt) >= SignOfLife ? new WorkerReport() : null);
                if (report is not null)
                {
                    await SendAsync(report, cancellationToken);
                    sentAt = time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The worker ends.
        }
        catch (NodeChannelException)
        {
            logger.SupervisorGone();
        }
    }

    private Task SendAsync(WorkerReport report, CancellationToken cancellationToken) =>
        channel.SendToAsync(WatcherOptions.MasterApp, report with { SentAt = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken);

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in channel.ReadAllAsync(cancellationToken))
            {
                message.Handle?.Dispose();
                if (RoutedMessage.TryRead(message) is { From: WatcherOptions.MasterApp })
                {
                    visitors.RequestPresence();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The worker ends.
        }
    }
}
