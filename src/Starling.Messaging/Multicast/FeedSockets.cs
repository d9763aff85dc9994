using System.Net;
using System.Net.Sockets;

namespace Starling.Messaging.Multicast;

/// <summary>Sockets for multicast.</summary>
internal static class FeedSockets
{
    public static Socket CreateSender(MulticastFeedOptions options)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, options.Interface.GetAddressBytes());
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, IPAddress.IsLoopback(options.Interface) ? 0 : options.TimeToLive);
        return socket;
    }

    public static Socket CreateReceiver(MulticastFeedOptions options)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveBufferSize = options.ReceiveBufferBytes,
        };

        // So that several subscribers of one machine share the port; each gets every datagram.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
        socket.Bind(new IPEndPoint(IPAddress.Any, options.Port));
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(options.Group, options.Interface));
        return socket;
    }
}
