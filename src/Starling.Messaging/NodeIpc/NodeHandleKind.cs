namespace Starling.Messaging.NodeIpc;

/// <summary>What Node.js makes of a descriptor that it is sent.</summary>
public enum NodeHandleKind
{
    /// <summary>A <c>net.Server</c> that listens on a TCP or Unix socket.</summary>
    Server,

    /// <summary>A <c>net.Socket</c>: an accepted connection, TCP or Unix.</summary>
    Socket,

    /// <summary>The bare handle of a TCP or Unix socket, listening or connected; what the <c>cluster</c> module uses.</summary>
    Native,

    /// <summary>The bare handle of a UDP socket.</summary>
    DatagramNative,

    /// <summary>A <c>dgram.Socket</c>.</summary>
    DatagramSocket,
}
