using System.Net.Sockets;
using Starling.Messaging.NodeIpc.Native;

namespace Starling.Messaging.NodeIpc.Cluster;

/// <summary>Errors as Node.js knows them: the system's numbers, negative.</summary>
internal static class ClusterErrors
{
    public const int InvalidArgument = -22;
    private const int AccessDenied = -13;

    public static int Number(Exception exception) => exception switch
    {
        SocketException socket => Number(socket),
        UnauthorizedAccessException => AccessDenied,
        IOException { InnerException: SocketException socket } => Number(socket),
        _ => InvalidArgument,
    };

    private static int Number(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => UnixConstants.IsMac ? -48 : -98,
        SocketError.AddressNotAvailable => UnixConstants.IsMac ? -49 : -99,
        SocketError.AddressFamilyNotSupported => UnixConstants.IsMac ? -47 : -97,
        SocketError.AccessDenied => AccessDenied,
        SocketError.TooManyOpenSockets => -24,
        _ => exception.NativeErrorCode is > 0 and < 200 ? -exception.NativeErrorCode : InvalidArgument,
    };
}
