using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Starling.LoadGenerator.Linux;

/// <summary>The limit on open files of this process, which the server under test inherits.</summary>
internal static unsafe class OpenFileLimit
{
    // Runtime, libraries, pipes, epoll: far fewer than this.
    private const int OwnFiles = 200;

    /// <summary>Raises the soft limit to the hard one and refuses what still does not fit.</summary>
    public static void Require(int connections)
    {
        ResourceLimit limit;
        Check(LibC.GetResourceLimit(LibC.ResourceOpenFiles, &limit));
        if (limit.Soft < limit.Hard)
        {
            limit.Soft = limit.Hard;
            Check(LibC.SetResourceLimit(LibC.ResourceOpenFiles, &limit));
        }

        if (limit.Soft < (ulong)(connections + OwnFiles))
        {
            throw new LoadException(
                $"{connections} connections do not fit into the limit of {limit.Hard} open files (ulimit -Hn); raise it or ask for fewer.");
        }
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }
}
