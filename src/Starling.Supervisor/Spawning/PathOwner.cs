using System.Runtime.InteropServices;

namespace Starling.Supervisor.Spawning;

/// <summary>Who may change where a path leads, on Linux.</summary>
internal static partial class PathOwner
{
    // https://man7.org/linux/man-pages/man2/statx.2.html
    private const int AtCurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint WantBasic = 0x7FF;
    private const int WritableByOthers = 0x12;
    private const int Sticky = 0x200;
    private const int KindMask = 0xF000;
    private const int Link = 0xA000;

    /// <summary>Whether a file or folder belongs to this process's user, and is not a link.</summary>
    public static bool IsOwn(string path) =>
        !OperatingSystem.IsLinux() || (TryRead(path, out var user, out var mode) && user == Libc.geteuid() && (mode & KindMask) != Link);

    /// <summary>
    /// Whether another user than root can change where a folder's path leads, because a part of it is another user's, or may be written by others. What does not exist
    /// yet is made by this process, and is safe when its parents are.
    /// </summary>
    public static bool IsChangeableByOthers(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var real = RealPath(folder);
        return Parts(folder).Concat(Parts(real)).Any(part => TryRead(part, out var user, out var mode)
            && (user != 0 || ((mode & WritableByOthers) != 0 && (mode & KindMask) != Link && !IsSafeParent(part, mode))));

        // In a folder such as /tmp others make files of their own, and leave those of root as they are.
        bool IsSafeParent(string part, int mode) => (mode & Sticky) != 0 && part != folder && part != real;
    }

    private static string RealPath(string folder)
    {
        try
        {
            return Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder;
        }
        catch (IOException)
        {
            return folder;
        }
    }

    private static IEnumerable<string> Parts(string path)
    {
        for (var part = path; part is not null; part = Path.GetDirectoryName(part))
        {
            yield return part;
        }
    }

    private static bool TryRead(string path, out uint user, out int mode)
    {
        Span<byte> status = stackalloc byte[256];
        status.Clear();
        var isRead = Statx(AtCurrentFolder, path, NoFollow, WantBasic, ref MemoryMarshal.GetReference(status)) == 0;
        user = MemoryMarshal.Read<uint>(status[20..]);
        mode = MemoryMarshal.Read<ushort>(status[28..]);
        return isRead;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte status);
}
