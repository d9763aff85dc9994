using System.Runtime.InteropServices;

namespace Starling.Supervisor.Health;

/// <summary>Tells a folder from another that has taken its place. The time of creation alone does not, since not every file system has one.</summary>
internal readonly partial record struct FolderIdentity(ulong Number, long Born)
{
    // https://man7.org/linux/man-pages/man2/statx.2.html
    private const int AtCurrentFolder = -100;
    private const uint WantNumber = 0x100;
    private const uint WantBirth = 0x800;

    public static FolderIdentity Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FolderIdentity(0, Directory.GetCreationTimeUtc(path).Ticks);
        }

        Span<byte> status = stackalloc byte[256];
        status.Clear();
        if (Statx(AtCurrentFolder, path, 0, WantNumber | WantBirth, ref MemoryMarshal.GetReference(status)) != 0)
        {
            return default;
        }

        var hasBirth = (MemoryMarshal.Read<uint>(status) & WantBirth) != 0;
        return new FolderIdentity(
            MemoryMarshal.Read<ulong>(status[32..]) ^ ((ulong)MemoryMarshal.Read<uint>(status[140..]) << 48),
            hasBirth ? (MemoryMarshal.Read<long>(status[80..]) * 1_000_000_000) + MemoryMarshal.Read<uint>(status[88..]) : 0);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte status);
}
