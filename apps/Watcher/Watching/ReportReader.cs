using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Messaging.NodeIpc;
using Starling.Worker;

namespace Starling.Apps.Watcher.Watching;

/// <summary>Takes the workers' reports off the channel to the supervisor. When the master has just started it asks who is there.</summary>
internal sealed class ReportReader(Watch watch, IWorkerChannel channel, ILogger<ReportReader> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await channel.SendToAsync(WatcherOptions.WorkerApp, new MasterRequest(), stoppingToken);
            await foreach (var message in channel.ReadAllAsync(stoppingToken))
            {
                message.Handle?.Dispose();
                if (RoutedMessage.TryRead(message) is { From: WatcherOptions.WorkerApp } routed)
                {
                    Apply(routed);
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

    private void Apply(RoutedMessage message)
    {
        try
        {
            if (message.Body.Deserialize(WatcherJson.Default.WorkerReport) is { } report)
            {
                watch.Apply(message.Worker, message.Pid, report);
            }
        }
        catch (JsonException exception)
        {
            logger.ReportNotRead(message.From, message.Pid, exception.Message);
        }
    }
}
