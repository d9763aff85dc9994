using Starling.Protocol.EngineIo;
using Starling.Server.Sessions;

namespace Starling.Server.Transports;

/// <summary>Carries the packets of one session to its client. Packets leave in the order in which they were sent.</summary>
internal interface ITransport
{
    /// <summary>The transport's name on the wire: "polling" or "websocket".</summary>
    string Name { get; }

    /// <summary>Whether a message would leave at once; volatile messages are dropped when not.</summary>
    bool IsWritable { get; }

    /// <summary>Copies a message into the send queue. Never blocks and never throws.</summary>
    SendStatus Send(OutgoingMessage message);

    /// <summary>Sends a packet of the protocol itself.</summary>
    SendStatus SendPacket(PacketType type, ReadOnlySpan<byte> data = default);

    /// <summary>Completes when the send queue has room again.</summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellationToken);

    /// <summary>Ends the transport after what is queued was sent.</summary>
    void Close();
}
