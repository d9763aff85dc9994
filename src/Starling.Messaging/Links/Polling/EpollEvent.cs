using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Starling.Messaging.Links.Polling;

/// <summary>Linux's <c>epoll_event</c>: packed on x86-64 and nowhere else, so its number is read from where it lies.</summary>
[InlineArray(Length)]
internal struct EpollEvent
{
    private const int Length = 16;
    private byte _first;

    public EpollEvent(uint events, long number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(this, events);
        MemoryMarshal.Write(((Span<byte>)this)[NumberOffset..], number);
    }

    public readonly long Number => MemoryMarshal.Read<long>(((ReadOnlySpan<byte>)this)[NumberOffset..]);

    private static int NumberOffset => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
}
