using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Subscriptions;
using Starling.Server.Diagnostics;

namespace Starling.Server.Channels.Http;

/// <summary>
/// Serves subscribers that poll: <c>?poll&amp;cursor=…</c> is answered at once when there is something, else held; with <c>wait=0</c> it is
/// answered at once in any case, and says when to call again.
/// </summary>
/// <remarks>The position travels with the client, so that any node can answer the next poll.</remarks>
internal sealed class PollEndpoint(
    ChannelOptions options, ChannelHub hub, PollAdvisor polls, TimeProvider time, ChannelMetrics metrics, CancellationToken draining)
{
    private const int MaxAnswerBytes = 256 * 1024;

    public async Task HandleAsync(HttpContext context, SubscriptionRequest request, ChannelAccess access)
    {
        var position = await SubscriptionPosition.OfAsync(request, hub, context.RequestAborted);
        var subscriber = new SignalledSubscriber(request.Matchers, access, position.Cursor, position.WantsEarliest);
        var batch = new List<Publication>();
        var hold = Hold(context.Request.Query["wait"]);
        var result = await hub.History.ReadAsync(subscriber, batch, MaxAnswerBytes, context.RequestAborted);
        var hasGap = result.HasGap || position.IsUnknown;
        if (batch.Count == 0 && !hasGap && position.Requested is not null && hold > TimeSpan.Zero)
        {
            metrics.SubscriberJoined("poll");
            hub.Subscribers.Add(subscriber);
            try
            {
                hasGap = await WaitAsync(subscriber, batch, hold, context.RequestAborted);
            }
            finally
            {
                hub.Subscribers.Remove(subscriber);
                metrics.SubscriberLeft("poll");
            }
        }

        await AnswerAsync(context, subscriber.Cursor, batch, hasGap, hold > TimeSpan.Zero);
    }

    private async Task<bool> WaitAsync(SignalledSubscriber subscriber, List<Publication> batch, TimeSpan hold, CancellationToken aborted)
    {
        using var timeout = new CancellationTokenSource(hold, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(aborted, draining, timeout.Token);
        try
        {
            while (true)
            {
                if (hub.Subscribers.TryResume(subscriber))
                {
                    await hub.Subscribers.WhenSuspended(subscriber).WaitAsync(ending.Token);
                }

                ending.Token.ThrowIfCancellationRequested();
                var result = await hub.History.ReadAsync(subscriber, batch, MaxAnswerBytes, aborted);
                if (result.HasGap || batch.Count > 0)
                {
                    return result.HasGap;
                }
            }
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // Nothing came in time; the answer is an empty one.
            return false;
        }
    }

    private TimeSpan Hold(string? wait)
    {
        if (string.IsNullOrEmpty(wait))
        {
            return options.PollTimeout;
        }

        if (!int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            throw new ChannelRefusal(ChannelError.BadRequest, "The parameter wait must be a number of milliseconds.");
        }

        var asked = TimeSpan.FromMilliseconds(milliseconds);
        return asked < options.PollTimeout ? asked : options.PollTimeout;
    }

    private async Task AnswerAsync(HttpContext context, Cursor cursor, List<Publication> batch, bool hasGap, bool held)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("cursor"u8, cursor.ToString());
        if (hasGap)
        {
            writer.WriteBoolean("gap"u8, true);
        }

        writer.WriteStartArray("publications"u8);
        foreach (var publication in batch)
        {
            writer.WriteRawValue(publication.Json, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteNumber("callIn"u8, CallIn(held));
        writer.WriteEndObject();
    }

    private int CallIn(bool held)
    {
        var advised = polls.AfterSuccess();
        if (draining.IsCancellationRequested)
        {
            return RandomNumberGenerator.GetInt32((int)options.MaxReconnectDelay.TotalMilliseconds + 1);
        }

        // One that was held calls again at once, unless there are too many.
        return held && polls.LoadFactor() <= 1 ? 0 : advised;
    }
}
