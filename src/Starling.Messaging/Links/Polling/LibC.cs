using System.Runtime.InteropServices;

namespace Starling.Messaging.Links.Polling;

/// <summary>The calls of Linux's C library that .NET does not offer, or not without its own machinery around them.</summary>
internal static partial class LibC
{
    public const int CloseOnExec = 0x80000;
    public const int Add = 1;
    public const int Delete = 2;
    public const int Modify = 3;
    public const int Interrupted = 4;
    public const int ThreadTime = 3;
    public const int WouldBlock = 11;

    /// <summary>For <see cref="Receive"/> and <see cref="Send"/>: neither wait, nor raise a signal where the peer is gone.</summary>
    public const int AtOnce = 0x40 | 0x4000;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, SafeHandle descriptor, ref EpollEvent item);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, ref EpollEvent item, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    public static partial int Yield();

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    public static partial int GetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "poll")]
    public static partial int Poll(nint none, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, Span<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, ReadOnlySpan<byte> buffer, nint length, int flags);

    /// <summary>A time as C's <c>timespec</c>.</summary>
    public readonly struct TimeSpec
    {
        private readonly nint _seconds;
        private readonly nint _nanoseconds;

        /// <summary>The time in nanoseconds.</summary>
        public long Nanoseconds => (_seconds * 1_000_000_000L) + _nanoseconds;
    }
}
