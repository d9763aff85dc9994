using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Messaging.NodeIpc;
using Starling.Worker;

namespace Starling.Apps.Watcher.Watching;

/// <summary>Takes the workers' reports off the channel to the supervisor. When it does not know whom they speak of, as after a restart, it asks who is there.</summary>
internal sealed class ReportReader(Watch watch, IWorkerChannel channel, TimeProvider time, ILogger<ReportReader> logger) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private long? _askedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var message in channel.ReadAllAsync(stoppingToken))
            {
                message.Handle?.Dispose();
                if (RoutedMessage.TryRead(message) is { From: WatcherOptions.WorkerApp } routed && !TryApply(routed))
                {
                    await AskAsync(stoppingToken);
                }
            }
        }
        catch (NodeChannelException)
        {
            logger.SupervisorGone();
        }
        catch (OperationCanceledException)
        {
            // The master ends.
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        if (_askedAt is { } asked && time.GetElapsedTime(asked) < Patience)
        {
            return;
        }

        _askedAt = time.GetTimestamp();
        await channel.SendToAsync(WatcherOptions.WorkerApp, new MasterRequest(), cancellationToken);
    }

    private bool TryApply(RoutedMessage message)
    {
        try
        {
            return message.Body.Deserialize(WatcherJson.Default.WorkerReport) is not { } report || watch.Apply(message.Worker, message.Pid, report);
        }
        catch (JsonException exception)
        {
            logger.ReportNotRead(message.From, message.Pid, exception.Message);
            return true;
        }
    }
}
