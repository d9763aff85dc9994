using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Starling.Messaging.NodeIpc;

namespace Starling.Supervisor.Spawning;

/// <summary>A pipe between this process and another one. Neither end reaches other processes by chance.</summary>
internal static unsafe class DescriptorPipe
{
    private const int CloseOnExec = 0x80000;

    public static (SafeFileHandle Read, SafeFileHandle Write) Create()
    {
        var ends = stackalloc int[2];
        Check(OperatingSystem.IsLinux() ? Libc.pipe2(ends, CloseOnExec) : Libc.pipe(ends));
        var (read, write) = (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
        if (!OperatingSystem.IsLinux())
        {
            UnixDescriptors.SetCloseOnExec(read, closed: true);
            UnixDescriptors.SetCloseOnExec(write, closed: true);
        }

        return (read, write);
    }

    /// <summary>Our end as a stream whose waiting holds no thread. It owns the descriptor from now on.</summary>
    public static Stream OpenStream(SafeFileHandle end, FileAccess access)
    {
        // A socket object waits for any descriptor that can be polled; a file stream would hold a thread in each read.
        var socket = new Socket(new SafeSocketHandle(end.DangerousGetHandle(), ownsHandle: true));
        end.SetHandleAsInvalid();
        return new DescriptorStream(socket, access);
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new SpawnException($"A pipe cannot be made: {Marshal.GetLastPInvokeErrorMessage()}.") { IsTemporary = true };
        }
    }
}
