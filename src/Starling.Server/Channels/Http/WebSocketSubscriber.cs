using Starling.Protocol.WebSockets;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Subscriptions;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Channels.Http;

/// <summary>A subscriber behind a WebSocket: each publication is a text message of JSON.</summary>
internal sealed class WebSocketSubscriber(
    IReadOnlyList<TopicMatcher> matchers, ChannelAccess access, Cursor cursor, bool wantsEarliest, WebSocketConnection connection)
    : Subscriber(matchers, access, cursor, wantsEarliest), IWebSocketHandler
{
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Cancelled when the connection has ended.</summary>
    public CancellationToken Closed => _closed.Token;

    public override bool Offer(Publication publication) => connection.IsWritable && Send(publication, Cursor);

    /// <summary>Sends a publication to a client that has come as far as a cursor.</summary>
    public bool Send(Publication publication, Cursor seen) =>
        connection.Send(publication.Cursor.Covers(seen) ? publication.Json : publication.JsonFor(seen));

    /// <summary>Nothing is expected from the client; what it says is ignored.</summary>
    public ValueTask OnMessageAsync(Message message) => ValueTask.CompletedTask;

    public void OnSlowClient()
    {
        // The history is its queue: it is suspended and goes on when it has read.
    }

    public void OnClosed(WebSocketEnd end) => _closed.Cancel();
}
