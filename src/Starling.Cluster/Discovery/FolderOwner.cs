using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Starling.Cluster.Discovery;

/// <summary>Asks the system who owns a folder, which .NET does not tell.</summary>
internal static partial class FolderOwner
{
    private const string Library = "libc";
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const uint WantsUser = 0x8;

    // struct statx has the same layout on all processors.
    private const int StructureSize = 256;
    private const int UserOffset = 20;

    /// <summary>Whether a folder, and a link that leads there, belong to this process's user.</summary>
    public static bool IsMine(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        try
        {
            return OperatingSystem.IsLinux() ? IsMine(path, flags: 0) && IsMine(path, DoNotFollow) : MayChangeMode(path);
        }
        catch (EntryPointNotFoundException)
        {
            // An old C library.
            return MayChangeMode(path);
        }
    }

    private static bool IsMine(string path, int flags)
    {
        var structure = new byte[StructureSize];
        return statx(CurrentFolder, path, flags, WantsUser, structure) == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(structure.AsSpan(UserOffset)) == geteuid();
    }

    // Only the owner may, but for the superuser.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static bool MayChangeMode(string path)
    {
        try
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path));
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, [Out] byte[] result);

    [LibraryImport(Library)]
    private static partial uint geteuid();
}
