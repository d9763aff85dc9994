using System.Runtime.InteropServices;

namespace Starling.Messaging.Links.Polling;

/// <summary>The calls of Linux's C library that .NET does not offer.</summary>
internal static partial class LibC
{
    public const int CloseOnExec = 0x80000;
    public const int Add = 1;
    public const int Delete = 2;
    public const int Interrupted = 4;
    public const uint ReadableOnEdge = 0x80000000 | 0x2000 | 0x1;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, SafeHandle descriptor, ref EpollEvent item);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, ref EpollEvent item, int count, int milliseconds);
}
