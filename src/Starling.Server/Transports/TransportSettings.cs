using Starling.Server.Sessions;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Transports;

/// <summary>What all transports of one server share.</summary>
/// <param name="MaxPayload">The most bytes of one incoming message or polling body.</param>
/// <param name="MaxSendQueueBytes">The most bytes that wait for a client that does not read.</param>
/// <param name="HttpCompressionThreshold">Answers to polls of fewer bytes are not compressed.</param>
/// <param name="Wheel">The server's time-outs.</param>
/// <param name="WebSockets">Settings of the WebSockets.</param>
internal sealed record TransportSettings(
    int MaxPayload, int MaxSendQueueBytes, int HttpCompressionThreshold, TimerWheel Wheel, WebSocketAcceptorOptions WebSockets)
{
    public static TransportSettings Of(EngineIOOptions options, TimerWheel wheel) => new(
        options.MaxPayload,
        options.MaxSendQueueBytes,
        options.HttpCompressionThreshold ?? int.MaxValue,
        wheel,
        new WebSocketAcceptorOptions
        {
            MaxMessageBytes = options.MaxPayload,
            MaxSendQueueBytes = options.MaxSendQueueBytes,
            PingInterval = TimeSpan.Zero, // Engine.IO has a heartbeat of its own.
            Compression = options.WebSocketCompression,
            CompressionThreshold = options.WebSocketCompressionThreshold,
        });
}
