using Starling.Protocol.WebSockets;

namespace Starling.Server.Transports.WebSockets;

/// <summary>Takes what a WebSocket brings.</summary>
public interface IWebSocketHandler
{
    /// <summary>
    /// A message arrived. The next one is not read before the returned task completes, which slows down this client alone.
    /// </summary>
    /// <param name="message">A text or binary message; its bytes are valid until the returned task completes.</param>
    /// <returns>Completes when the message has been dealt with. An exception ends the connection and is logged by the web server.</returns>
    ValueTask OnMessageAsync(Message message);

    /// <summary>
    /// A message arrived that is larger than <see cref="WebSocketAcceptorOptions.MaxMessageBytes"/>, where
    /// <see cref="WebSocketAcceptorOptions.OversizedHeadBytes"/> is set.
    /// </summary>
    /// <param name="head">The beginning of the message, which need not be valid UTF-8; its bytes are valid until the returned task completes.</param>
    /// <returns>Completes when it has been dealt with.</returns>
    ValueTask OnOversizedAsync(Message head) => ValueTask.CompletedTask;

    /// <summary>
    /// A send was refused because the client does not read and as many bytes wait for it as may. Called on the thread that sent; must be quick.
    /// </summary>
    void OnSlowClient();

    /// <summary>The connection ended. Called once, last.</summary>
    /// <param name="end">How it ended.</param>
    void OnClosed(WebSocketEnd end);
}
