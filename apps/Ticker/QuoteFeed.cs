using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Server.Channels;
using Starling.Server.Presence;

namespace Starling.Apps.Ticker;

/// <summary>Publishes the quotes of those symbols to whose topic somebody subscribes. When the source fails it says so and slows down.</summary>
internal sealed class QuoteFeed(QuoteBoard board, IChannelPublisher channels, IPresence presence, TimeProvider time, ILogger<QuoteFeed> logger)
    : BackgroundService
{
    /// <summary>Type of the event that says that the source fails; its data are those of an answer to a poll.</summary>
    public const string FailureType = "failure";

    // As the Mercure protocol names the subscriptions of a hub at its usual path.
    private const string Subscriptions = "/.well-known/mercure/subscriptions/exact/";

    public static string TopicOf(string symbol) => "/ticker/" + symbol;

    /// <summary>Publishes once for every watched symbol.</summary>
    /// <returns>How long to wait before the next time.</returns>
    public async Task<TimeSpan> PublishAsync(CancellationToken cancellationToken)
    {
        var wait = QuoteBoard.Interval;
        foreach (var symbol in board.Symbols)
        {
            if (presence.ListAll(Subscriptions + Uri.EscapeDataString(TopicOf(symbol.Code)) + "/").Count == 0)
            {
                continue;
            }

            var answer = await board.GetAsync(symbol.Code, cancellationToken);
            var update = Update.Json(TopicOf(symbol.Code), answer, TickerJson.Default.QuoteAnswer);
            await channels.PublishAsync(answer.Error is null ? update : update with { Type = FailureType }, cancellationToken);
            wait = TimeSpan.FromMilliseconds(Math.Max(wait.TotalMilliseconds, answer.CallIn ?? 0));
        }

        return wait;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = QuoteBoard.Interval;
            try
            {
                wait = await PublishAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The hub could not keep it, or the source failed in a new way; the next quote is as good.
                TickerLog.PublishFailed(logger, exception);
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
