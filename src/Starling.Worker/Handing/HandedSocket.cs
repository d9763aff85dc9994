using System.Net.Sockets;

namespace Starling.Worker.Handing;

/// <summary>A connection that says when it is closed, whatever transport has it.</summary>
internal sealed class HandedSocket(SafeSocketHandle handle, Action onClosed) : Socket(handle)
{
    private int _isClosed;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            onClosed();
        }
    }
}
