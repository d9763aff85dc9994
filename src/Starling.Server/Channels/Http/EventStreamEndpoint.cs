using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Starling.Protocol.EventStream;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Subscriptions;
using Starling.Server.Diagnostics;

namespace Starling.Server.Channels.Http;

/// <summary>Serves subscribers by event stream (HTML Living Standard, section 9.2; Mercure, section "Subscription").</summary>
internal sealed class EventStreamEndpoint(
    ChannelOptions options, ChannelHub hub, SubscriptionRegistry registry, TimeProvider time, ChannelMetrics metrics, CancellationToken draining)
{
    private const int ReadBytes = 64 * 1024;
    private const int PaddingSize = 2048;

    private static readonly byte[] Padding = [.. Enumerable.Repeat((byte)' ', PaddingSize)];

    /// <summary>Serves one subscriber until it or the server ends the stream, or its authorisation does.</summary>
    public async Task HandleAsync(HttpContext context, SubscriptionRequest request, ChannelAccess access)
    {
        var position = await SubscriptionPosition.OfAsync(request, hub, context.RequestAborted);
        var subscriber = new EventStreamSubscriber(
            request.Matchers, access, position.Cursor, position.WantsEarliest, context.Response.BodyWriter);
        using var lifetime = new CancellationTokenSource(access.LifetimeFrom(time.GetUtcNow(), options.MaxConnectionLifetime), time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, draining, lifetime.Token);
        hub.Subscribers.Add(subscriber);
        metrics.SubscriberJoined("sse");
        try
        {
            await registry.OpenAsync(subscriber);
            await RunAsync(context, subscriber, position, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The client went, the server goes, or the client has to come back and be authorised again.
        }
        catch (IOException)
        {
            // The connection broke.
        }
        catch (TimeoutException)
        {
            metrics.SubscriberDropped("sse");
            context.Abort();
        }
        finally
        {
            hub.Subscribers.Remove(subscriber);
            subscriber.End();
            metrics.SubscriberLeft("sse");
            await registry.CloseAsync(subscriber);
        }

        if (!context.RequestAborted.IsCancellationRequested)
        {
            await SayGoodbyeAsync(context, subscriber);
        }
    }

    private async Task RunAsync(HttpContext context, EventStreamSubscriber subscriber, SubscriptionPosition position, CancellationToken ending)
    {
        var batch = new List<Publication>();
        var result = await hub.History.ReadAsync(subscriber, batch, ReadBytes, ending);
        var hasGap = result.HasGap || position.IsUnknown;
        Begin(context, position, hasGap);
        await context.Response.StartAsync(ending);
        WritePreamble(context);
        while (true)
        {
            if (hasGap)
            {
                WriteGap(context, position.Requested, result.HasGap ? result.From : Cursor.Start);
            }

            foreach (var publication in batch)
            {
                subscriber.Write(publication, result.From);
            }

            subscriber.Flush();
            await FinishFlushAsync(subscriber, ending);
            while (!subscriber.IsGone && hub.Subscribers.TryResume(subscriber))
            {
                await hub.Subscribers.WhenSuspended(subscriber).WaitAsync(ending);
                await FinishFlushAsync(subscriber, ending);
            }

            if (subscriber.IsGone)
            {
                return;
            }

            ending.ThrowIfCancellationRequested();
            batch.Clear();
            result = await hub.History.ReadAsync(subscriber, batch, ReadBytes, ending);
            hasGap = result.HasGap;
        }
    }

    private async ValueTask FinishFlushAsync(EventStreamSubscriber subscriber, CancellationToken ending)
    {
        var flush = subscriber.FinishFlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            await flush.WaitAsync(options.SendTimeout, time, ending);
        }
    }

    private static void Begin(HttpContext context, SubscriptionPosition position, bool hasGap)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        if (position.Requested is not null)
        {
            response.Headers["Mercure-Last-Event-ID"] = HeaderText.Encode(position.ResponseField(hasGap));
        }

        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();

        // How long a slow reader may take is our own setting, which counts it.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private void WritePreamble(HttpContext context) =>
        EventStreamWriter.WriteComment(context.Response.BodyWriter, options.Padding ? Padding : []);

    // Only headers could tell an EventSource of a gap, and it does not show them; so an event does, of the type that only hubs may send.
    private static void WriteGap(HttpContext context, string? requested, Cursor cursor) => EventStreamWriter.WriteEvent(
        context.Response.BodyWriter, Encoding.UTF8.GetBytes(cursor.ToString()), "mercure"u8, retry: null, GapDocument.Encode(requested));

    private async Task SayGoodbyeAsync(HttpContext context, EventStreamSubscriber subscriber)
    {
        try
        {
            using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
            await FinishFlushAsync(subscriber, hurry.Token);
            var delay = RandomNumberGenerator.GetInt32((int)options.MaxReconnectDelay.TotalMilliseconds + 1);
            EventStreamWriter.WriteRetry(context.Response.BodyWriter, delay);
            await context.Response.BodyWriter.FlushAsync(hurry.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException or IOException)
        {
            context.Abort();
        }
    }
}
