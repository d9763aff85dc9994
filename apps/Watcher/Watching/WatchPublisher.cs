using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Server.Channels;

namespace Starling.Apps.Watcher.Watching;

/// <summary>Publishes what is new, ten times a second, to the channel that the admin's pages subscribe to.</summary>
internal sealed class WatchPublisher(Watch watch, IChannelPublisher channels, TimeProvider time, ILogger<WatchPublisher> logger) : BackgroundService
{
    /// <summary>The channel. Its updates are private: only a signed-in admin gets them.</summary>
    public const string Topic = "/watcher";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await PublishAsync(watch.Advance(), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The master ends.
        }
    }

    private async Task PublishAsync(WatchNews news, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var happened in news.Events)
            {
                await PublishAsync("visit", Update.Json(Topic, happened, WatcherJson.Default.VisitEvent), cancellationToken);
            }

            if (news.Moves.Length > 0)
            {
                await PublishAsync("moves", Update.Json(Topic, news.Moves, WatcherJson.Default.Int32ArrayArray), cancellationToken);
            }

            foreach (var activity in news.Activity)
            {
                await PublishAsync("activity", Update.Json(Topic, activity, WatcherJson.Default.Activity), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            logger.PublishFailed(exception);
        }
    }

    private ValueTask<string> PublishAsync(string type, Update update, CancellationToken cancellationToken) =>
        channels.PublishAsync(update with { Type = type, IsPrivate = true }, cancellationToken);
}
