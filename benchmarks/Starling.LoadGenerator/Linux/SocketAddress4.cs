using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Starling.LoadGenerator.Linux;

/// <summary><c>struct sockaddr_in</c>: an IPv4 address and port, both in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct SocketAddress4(uint address, int port)
{
    public const int Size = 16;

    private readonly ushort _family = LibC.AfInet;
    private readonly ushort _port = BinaryPrimitives.ReverseEndianness((ushort)port);
    private readonly uint _address = BinaryPrimitives.ReverseEndianness(address);
    private readonly ulong _zero;

    /// <summary>127.0.0.1 is host 1; every host of 127/8 has its own range of source ports.</summary>
    public static SocketAddress4 Loopback(int host, int port) => new(0x7F000000u + (uint)host, port);
}
