using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Starling.Messaging.Links.Polling;

/// <summary>Linux's <c>epoll_event</c>: packed on x86-64 and nowhere else, so its number is read from where it lies.</summary>
[InlineArray(Length)]
internal struct EpollEvent
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;
    public const uint Error = 0x8;
    public const uint HungUp = 0x10;
    public const uint PeerHungUp = 0x2000;
    public const uint OnEdge = 0x80000000;

    private const int Length = 16;
    private byte _first;

    public EpollEvent(uint events, long number)
    {
        MemoryMarshal.Write((Span<byte>)this, events);
        MemoryMarshal.Write(((Span<byte>)this)[NumberOffset..], number);
    }

    public readonly uint Events => MemoryMarshal.Read<uint>((ReadOnlySpan<byte>)this);

    public readonly long Number => MemoryMarshal.Read<long>(((ReadOnlySpan<byte>)this)[NumberOffset..]);

    private static int NumberOffset => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
}
