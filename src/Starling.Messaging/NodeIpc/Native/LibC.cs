using System.Runtime.InteropServices;

namespace Starling.Messaging.NodeIpc.Native;

/// <summary>The calls of the C library that .NET has no counterpart of.</summary>
internal static unsafe partial class LibC
{
    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    public static partial int SocketPair(int domain, int type, int protocol, int* descriptors);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(SafeHandle socket, void* header, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(SafeHandle socket, void* header, int flags);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    public static partial int Duplicate(SafeHandle descriptor);

    // Variable arguments: with a third one it is only called on Linux, whose calling convention does not treat them apart.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(SafeHandle descriptor, int command, int argument);

    // Called with requests that take no argument, which is right on every platform.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Request(SafeHandle descriptor, nuint request);
}
