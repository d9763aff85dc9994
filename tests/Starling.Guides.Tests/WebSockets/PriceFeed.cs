using System.Text;
using Starling.Protocol.WebSockets;
using Starling.Server.Transports.WebSockets;

namespace Starling.Guides.Tests.WebSockets;

// begin handler
/// <summary>One client: answers each symbol that it names with a price.</summary>
public sealed class PriceFeed(WebSocketConnection connection) : IWebSocketHandler
{
    public ValueTask OnMessageAsync(Message message)
    {
        // The next message is read when this one is done; its bytes are valid until then.
        var symbol = Encoding.UTF8.GetString(message.Payload.Span);
        connection.Send(connection.Subprotocol == "xml"
            ? Encoding.UTF8.GetBytes($"<price symbol=\"{symbol}\">42</price>")
            : Encoding.UTF8.GetBytes($"{{\"symbol\":\"{symbol}\",\"price\":42}}"));
        return ValueTask.CompletedTask;
    }

    // MaxSendQueueBytes wait for a client that does not read, and the last message was not taken.
    public void OnSlowClient() => connection.Close(CloseCode.PolicyViolation, "You read too slowly.");

    public void OnClosed(WebSocketEnd end)
    {
    }
}
// end
