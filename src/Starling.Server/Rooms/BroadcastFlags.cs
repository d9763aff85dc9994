namespace Starling.Server.Rooms;

/// <summary>How a packet is sent.</summary>
[Flags]
internal enum BroadcastFlags
{
    None = 0,

    /// <summary>Clients that are not ready to take it do not get it.</summary>
    Volatile = 1,

    /// <summary>Sockets of this node only.</summary>
    Local = 2,

    /// <summary>Not compressed, whatever its size.</summary>
    Uncompressed = 4,
}
