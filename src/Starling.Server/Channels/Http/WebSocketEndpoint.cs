using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Starling.Protocol.Buffers;
using Starling.Protocol.WebSockets;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Subscriptions;
using Starling.Server.Diagnostics;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Channels.Http;

/// <summary>
/// Serves subscribers by WebSocket: first <c>{"cursor":…}</c>, with <c>"gap":true</c> if something that was asked for is missing, then the
/// publications.
/// </summary>
internal sealed class WebSocketEndpoint(
    ChannelOptions options, ChannelHub hub, SubscriptionRegistry registry, TimeProvider time, ChannelMetrics metrics, ILogger logger,
    CancellationToken draining)
    : IDisposable
{
    private const int ReadBytes = 64 * 1024;
    private const int MaxMessageBytes = 4096;

    private readonly WebSocketAcceptor _acceptor = new(new WebSocketAcceptorOptions { MaxMessageBytes = MaxMessageBytes }, time);

    /// <summary>Serves one subscriber.</summary>
    /// <param name="context">Its request, which may end before the WebSocket does.</param>
    /// <param name="request">What it asks for.</param>
    /// <param name="access">What it may see.</param>
    /// <param name="place">Its place, which the WebSocket takes over once it is open.</param>
    public async Task HandleAsync(HttpContext context, SubscriptionRequest request, ChannelAccess access, SubscriberPlace place)
    {
        var position = await SubscriptionPosition.OfAsync(request, hub, context.RequestAborted);
        if (await _acceptor.AcceptAsync(context) is not { } connection)
        {
            return;
        }

        var subscriber = new WebSocketSubscriber(request.Matchers, access, position.Cursor, position.WantsEarliest, connection);
        var owned = place.Transfer();
        try
        {
            // Where the connection outlives the request, the loop begins after this method has returned.
            await connection.ServeAsync(subscriber, () => _ = SendAsync(subscriber, connection, position, owned));
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    public void Dispose() => _acceptor.Dispose();

    private async Task SendAsync(WebSocketSubscriber subscriber, WebSocketConnection connection, SubscriptionPosition position, SubscriberPlace place)
    {
        using var owned = place;
        using var end = new CancellationTokenSource(
            subscriber.Access.LifetimeFrom(time.GetUtcNow(), options.MaxConnectionLifetime), time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(subscriber.Closed, draining, end.Token);
        hub.Subscribers.Add(subscriber);
        metrics.SubscriberJoined("websocket");
        try
        {
            await registry.OpenAsync(subscriber);
            await RunAsync(subscriber, connection, position, ending.Token);
        }
        catch (OperationCanceledException)
        {
            connection.Close(draining.IsCancellationRequested ? CloseCode.GoingAway : CloseCode.PolicyViolation, "Come back.");
        }
        catch (TimeoutException)
        {
            metrics.SubscriberDropped("websocket");
            connection.Abort();
        }
        catch (Exception exception)
        {
            logger.SubscriberFailed(exception, "WebSocket");
            connection.Close(CloseCode.InternalError, "The hub failed; come back.");
        }
        finally
        {
            hub.Subscribers.Remove(subscriber);
            metrics.SubscriberLeft("websocket");
            await registry.CloseAsync(subscriber);
        }
    }

    private async Task RunAsync(
        WebSocketSubscriber subscriber, WebSocketConnection connection, SubscriptionPosition position, CancellationToken ending)
    {
        var batch = new List<Publication>();
        var isFirst = true;
        while (true)
        {
            batch.Clear();
            var result = await hub.History.ReadAsync(subscriber, batch, ReadBytes, ending);
            var hasGap = result.HasGap || (isFirst && position.IsUnknown);
            if (isFirst || hasGap)
            {
                connection.Send(Hello(result.From, hasGap));
                isFirst = false;
            }

            foreach (var publication in batch)
            {
                subscriber.Send(publication, result.From);
            }

            await WaitForRoomAsync(connection, ending);
            while (hub.Subscribers.TryResume(subscriber))
            {
                await hub.Subscribers.WhenSuspended(subscriber).WaitAsync(ending);
                await WaitForRoomAsync(connection, ending);
            }

            ending.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask WaitForRoomAsync(WebSocketConnection connection, CancellationToken ending)
    {
        var room = connection.WaitForRoomAsync(ending);
        if (!room.IsCompletedSuccessfully)
        {
            await room.AsTask().WaitAsync(options.SendTimeout, time, ending);
        }
    }

    private static byte[] Hello(Cursor cursor, bool hasGap)
    {
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("cursor"u8, cursor.ToString());
            if (hasGap)
            {
                writer.WriteBoolean("gap"u8, true);
            }

            writer.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }
}
