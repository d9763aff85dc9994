using System.Runtime.InteropServices;

namespace Starling.LoadGenerator.Linux;

/// <summary><c>struct epoll_event</c> as it is laid out on x86-64, where it is packed (see epoll_ctl(2)).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct EpollEvent
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;
    public const uint ErrorOrHangUp = 0x8 | 0x10;

    public uint Events;
    public long Data;
}
