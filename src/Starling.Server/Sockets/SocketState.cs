namespace Starling.Server.Sockets;

/// <summary>Where a <see cref="Socket"/> is in its life; goes forward only.</summary>
internal enum SocketState
{
    Connecting,
    Connected,
    Closed,
}
