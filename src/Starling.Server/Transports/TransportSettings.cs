using Starling.Server.Sessions;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Transports;

/// <summary>What all transports of one server share.</summary>
/// <param name="MaxPayload">The most bytes of one incoming message or polling body.</param>
/// <param name="MaxSendQueueBytes">The most bytes that wait for a client that does not read.</param>
/// <param name="CompressesWebSockets">Whether WebSocket messages are compressed for clients that can read it.</param>
/// <param name="CompressionThreshold">WebSocket messages of fewer bytes are not compressed.</param>
/// <param name="HttpCompressionThreshold">Answers to polls of fewer bytes are not compressed.</param>
/// <param name="Wheel">The server's time-outs.</param>
internal sealed record TransportSettings(
    int MaxPayload, int MaxSendQueueBytes, bool CompressesWebSockets, int CompressionThreshold, int HttpCompressionThreshold, TimerWheel Wheel)
{
    /// <summary>Limits of the WebSockets; Engine.IO has a heartbeat of its own.</summary>
    public WebSocketOptions WebSockets { get; } =
        new() { MaxMessageBytes = MaxPayload, MaxSendQueueBytes = MaxSendQueueBytes, PingInterval = TimeSpan.Zero };
}
