using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Starling.Messaging.NodeIpc.Native;

/// <summary>
/// <c>struct msghdr</c> of a 64-bit system. Its lengths are 8 bytes on Linux and 4 with padding on macOS and musl; all are little-endian, so
/// one layout serves, provided that the padding is zero.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public ulong NameLength;
    public Part* Parts;
    public ulong PartCount;
    public byte* Control;

    // On macOS its upper half is the flags, which nobody here asks for: a descriptor that got lost is noticed by its message.
    private ulong _controlLength;
    private readonly int _flags;

    /// <summary><c>struct iovec</c>.</summary>
    public struct Part
    {
        public byte* Bytes;
        public nuint Length;
    }

    public int ControlLength
    {
        readonly get => (int)(uint)_controlLength;
        set => _controlLength = (uint)value;
    }

    private static int HeadLength => UnixConstants.IsMac ? 12 : 16;

    /// <summary>Room that a list of descriptors needs as control data.</summary>
    public static int ControlSpace(int descriptors) => (HeadLength + (descriptors * sizeof(int)) + 7) & ~7;

    /// <summary>Writes one <c>cmsghdr</c> that passes descriptors, and returns its length.</summary>
    public static int WriteControl(Span<byte> control, ReadOnlySpan<int> descriptors)
    {
        control.Clear();
        var length = HeadLength + (descriptors.Length * sizeof(int));
        BinaryPrimitives.WriteInt32LittleEndian(control, length);
        BinaryPrimitives.WriteInt32LittleEndian(control[(HeadLength - 8)..], UnixConstants.SocketLevel);
        BinaryPrimitives.WriteInt32LittleEndian(control[(HeadLength - 4)..], UnixConstants.PassDescriptors);
        MemoryMarshal.AsBytes(descriptors).CopyTo(control[HeadLength..]);
        return ControlSpace(descriptors.Length);
    }

    /// <summary>Adds the descriptors that came as control data to a list.</summary>
    public static void ReadControl(ReadOnlySpan<byte> control, List<int> descriptors)
    {
        var alignment = UnixConstants.IsMac ? 4 : 8;
        while (control.Length >= HeadLength)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(control);
            if (length < HeadLength || length > control.Length)
            {
                return;
            }

            if (BinaryPrimitives.ReadInt32LittleEndian(control[(HeadLength - 8)..]) == UnixConstants.SocketLevel
                && BinaryPrimitives.ReadInt32LittleEndian(control[(HeadLength - 4)..]) == UnixConstants.PassDescriptors)
            {
                foreach (var descriptor in MemoryMarshal.Cast<byte, int>(control[HeadLength..length]))
                {
                    descriptors.Add(descriptor);
                }
            }

            control = control[Math.Min(control.Length, (length + alignment - 1) & -alignment)..];
        }
    }
}
