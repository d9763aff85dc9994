using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Starling.Messaging.NodeIpc.Native;

namespace Starling.Messaging.NodeIpc;

/// <summary>
/// Descriptors of Linux and macOS: pairs of connected sockets, and descriptors passed from process to process. Every descriptor that is
/// made here is closed on exec: no child gets it by accident.
/// </summary>
/// <remarks>All methods throw <see cref="PlatformNotSupportedException"/> elsewhere.</remarks>
public static unsafe class UnixDescriptors
{
    /// <summary>How many descriptors one message can carry (the limit of Linux).</summary>
    public const int MaxPerMessage = 253;

    /// <summary>Whether this platform can pass descriptors.</summary>
    public static bool IsSupported => (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) && Environment.Is64BitProcess;

    /// <summary>Makes two Unix stream sockets that are connected to each other.</summary>
    /// <exception cref="IOException">The system refuses, for instance because too many descriptors are open.</exception>
    public static (SafeFileHandle First, SafeFileHandle Second) CreateSocketPair()
    {
        ThrowIfUnsupported();
        var pair = stackalloc int[2];
        if (LibC.SocketPair(UnixConstants.AddressFamilyUnix, UnixConstants.SocketStream | UnixConstants.SocketCloseOnExec, 0, pair) != 0)
        {
            throw Failure("A pair of sockets cannot be made");
        }

        var first = new SafeFileHandle(pair[0], ownsHandle: true);
        var second = new SafeFileHandle(pair[1], ownsHandle: true);
        SetCloseOnExec(first, true);
        SetCloseOnExec(second, true);
        return (first, second);
    }

    /// <summary>Makes another descriptor of the same open file or socket.</summary>
    /// <exception cref="IOException">The descriptor is not open, or too many are.</exception>
    public static SafeFileHandle Duplicate(SafeHandle descriptor)
    {
        ThrowIfUnsupported();
        var copy = UnixConstants.IsMac ? LibC.Duplicate(descriptor) : LibC.Control(descriptor, UnixConstants.DuplicateCloseOnExec, 0);
        if (copy < 0)
        {
            throw Failure("The descriptor cannot be duplicated");
        }

        var handle = new SafeFileHandle(copy, ownsHandle: true);
        if (UnixConstants.IsMac)
        {
            SetCloseOnExec(handle, true);
        }

        return handle;
    }

    /// <summary>Says whether a descriptor is closed in programs that this process starts, or inherited.</summary>
    /// <exception cref="IOException">The descriptor is not open.</exception>
    public static void SetCloseOnExec(SafeHandle descriptor, bool closed)
    {
        ThrowIfUnsupported();
        if (LibC.Request(descriptor, closed ? UnixConstants.RequestCloseOnExec : UnixConstants.RequestKeepOnExec) != 0)
        {
            throw Failure($"Descriptor {descriptor.DangerousGetHandle()} cannot be changed");
        }
    }

    /// <summary>
    /// Makes calls on the open file or socket return at once instead of waiting, also by other descriptors of it. Node.js takes that for granted of what it
    /// is sent: two processes that are woken by one connection would otherwise both accept, and one of them would stand still until the next.
    /// </summary>
    /// <exception cref="IOException">The descriptor is not open.</exception>
    internal static void SetNonBlocking(SafeHandle descriptor)
    {
        ThrowIfUnsupported();
        if (UnixConstants.IsMac)
        {
            using var socket = new Socket(new SafeSocketHandle(descriptor.DangerousGetHandle(), ownsHandle: false)) { Blocking = false };
            return;
        }

        var flags = LibC.Control(descriptor, UnixConstants.GetStatus, 0);
        if (flags < 0 || LibC.Control(descriptor, UnixConstants.SetStatus, flags | UnixConstants.NonBlocking) < 0)
        {
            throw Failure($"Descriptor {descriptor.DangerousGetHandle()} cannot be changed");
        }
    }

    /// <summary>
    /// Sends bytes and, with the first of them, descriptors, without waiting. The receiver gets descriptors of its own; the sender's stay open.
    /// </summary>
    /// <returns>How many bytes were sent; 0 when the socket takes nothing now, and then no descriptor was sent either.</returns>
    /// <exception cref="ArgumentException">There are no bytes, or more than <see cref="MaxPerMessage"/> descriptors.</exception>
    /// <exception cref="IOException">The connection is closed, or the system refuses.</exception>
    public static int TrySend(SafeHandle socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<SafeHandle> descriptors)
    {
        ThrowIfUnsupported();
        if (bytes.IsEmpty || descriptors.Length > MaxPerMessage)
        {
            throw new ArgumentException($"A message has at least one byte and at most {MaxPerMessage} descriptors.");
        }

        Span<int> numbers = stackalloc int[descriptors.Length];
        var held = 0;
        try
        {
            for (; held < descriptors.Length; held++)
            {
                var added = false;
                descriptors[held].DangerousAddRef(ref added);
                numbers[held] = (int)descriptors[held].DangerousGetHandle();
            }

            return Send(socket, bytes, numbers);
        }
        finally
        {
            while (held > 0)
            {
                descriptors[--held].DangerousRelease();
            }
        }
    }

    /// <summary>Takes what bytes and descriptors have come, without waiting.</summary>
    /// <param name="socket">A connected Unix socket.</param>
    /// <param name="bytes">Where the bytes go.</param>
    /// <param name="descriptors">
    /// Gets the descriptors that came with the bytes, which belong to the caller from then on. A descriptor is lost when this process has
    /// as many open as it may.
    /// </param>
    /// <returns>How many bytes came; 0 at the end of the connection; -1 when nothing is there now.</returns>
    /// <exception cref="IOException">The connection failed.</exception>
    public static int TryReceive(SafeHandle socket, Span<byte> bytes, ICollection<SafeFileHandle> descriptors)
    {
        ThrowIfUnsupported();
        var space = MessageHeader.ControlSpace(MaxPerMessage);
        var control = stackalloc byte[space];
        fixed (byte* first = bytes)
        {
            var part = new MessageHeader.Part { Bytes = first, Length = (nuint)bytes.Length };
            var header = new MessageHeader { Parts = &part, PartCount = 1, Control = control, ControlLength = space };
            nint count;
            do
            {
                count = LibC.ReceiveMessage(socket, &header, UnixConstants.DoNotWait | UnixConstants.ReceiveCloseOnExec);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == UnixConstants.Interrupted);

            if (count < 0)
            {
                return Marshal.GetLastPInvokeError() == UnixConstants.WouldBlock ? -1 : throw Failure("The socket cannot be read");
            }

            if (header.ControlLength > 0)
            {
                TakeDescriptors(new ReadOnlySpan<byte>(control, header.ControlLength), descriptors);
            }

            return (int)count;
        }
    }

    private static int Send(SafeHandle socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        var control = stackalloc byte[MessageHeader.ControlSpace(MaxPerMessage)];
        fixed (byte* first = bytes)
        {
            var part = new MessageHeader.Part { Bytes = first, Length = (nuint)bytes.Length };
            var header = new MessageHeader { Parts = &part, PartCount = 1 };
            if (!descriptors.IsEmpty)
            {
                header.Control = control;
                header.ControlLength = MessageHeader.WriteControl(
                    new Span<byte>(control, MessageHeader.ControlSpace(descriptors.Length)), descriptors);
            }

            while (true)
            {
                var count = LibC.SendMessage(socket, &header, UnixConstants.NoSignal | UnixConstants.DoNotWait);
                if (count >= 0)
                {
                    return (int)count;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error == UnixConstants.WouldBlock)
                {
                    return 0;
                }

                if (error != UnixConstants.Interrupted)
                {
                    throw Failure("The socket cannot be written");
                }
            }
        }
    }

    private static void TakeDescriptors(ReadOnlySpan<byte> control, ICollection<SafeFileHandle> descriptors)
    {
        var numbers = new List<int>(1);
        MessageHeader.ReadControl(control, numbers);
        foreach (var number in numbers)
        {
            var handle = new SafeFileHandle(number, ownsHandle: true);
            if (UnixConstants.IsMac)
            {
                SetCloseOnExec(handle, true);
            }

            descriptors.Add(handle);
        }
    }

    private static IOException Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)} (error {error}).", error);
    }

    private static void ThrowIfUnsupported()
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("Descriptors can be passed between processes on 64-bit Linux and macOS only.");
        }
    }
}
