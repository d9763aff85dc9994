using System.Runtime.InteropServices;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Keeping;

/// <summary>A child that has ended and is not collected yet, so that its id is still its own.</summary>
/// <param name="Id">Its id; -1 for any child, where the system cannot be asked.</param>
/// <param name="Start">When it started; 0 when the system does not say.</param>
internal readonly record struct EndedChild(int Id, long Start)
{
    // https://man7.org/linux/man-pages/man2/waitid.2.html
    private const int All = 0;
    private const int NoHang = 1;
    private const int Exited = 4;
    private const int NoWait = 0x1000000;
    private const int InfoSize = 128;
    private const int IdOffset = 16;

    /// <summary>Looks for one; null when no child has ended.</summary>
    public static unsafe EndedChild? Look()
    {
        if (!OperatingSystem.IsLinux())
        {
            return new EndedChild(-1, 0);
        }

        var info = stackalloc byte[InfoSize];
        new Span<byte>(info, InfoSize).Clear();
        var id = Libc.waitid(All, 0, info, Exited | NoHang | NoWait) == 0 ? MemoryMarshal.Read<int>(new ReadOnlySpan<byte>(info + IdOffset, sizeof(int))) : 0;
        return id > 0 ? new EndedChild(id, ProcessTree.StartTicksOfChild(id)) : null;
    }
}
