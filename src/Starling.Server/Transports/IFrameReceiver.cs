using Starling.Protocol.EngineIo;
using Starling.Server.Sessions;

namespace Starling.Server.Transports;

/// <summary>Takes what a WebSocket brings: the session, or the upgrade that decides whether the session may have it.</summary>
internal interface IFrameReceiver
{
    /// <summary>A packet arrived. Its data are valid until the returned task completes; nothing more is read before that.</summary>
    ValueTask OnPacketAsync(WebSocketTransport transport, Packet packet);

    /// <summary>A message arrived that is not a packet.</summary>
    ValueTask OnMalformedAsync(WebSocketTransport transport);

    /// <summary>The client, which was not read while it did not read itself, is read again.</summary>
    void OnReadAgain()
    {
    }

    /// <summary>The send queue is full.</summary>
    void OnSlowClient(WebSocketTransport transport);

    /// <summary>The connection ended. Called once, last.</summary>
    void OnTransportClosed(WebSocketTransport transport, DisconnectReason reason);
}
