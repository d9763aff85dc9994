using System.Diagnostics.CodeAnalysis;

namespace Starling.Server.Sockets;

/// <summary>Acknowledgements that one socket owes. Thread-safe; takes no memory while there are none.</summary>
internal sealed class AcknowledgementTable
{
    private Dictionary<long, IAcknowledgement>? _waiting;

    public void Add(long id, IAcknowledgement waiting)
    {
        lock (this)
        {
            (_waiting ??= [])[id] = waiting;
        }
    }

    public bool TryTake(long id, [NotNullWhen(true)] out IAcknowledgement? waiting)
    {
        lock (this)
        {
            waiting = null;
            return _waiting?.Remove(id, out waiting) == true;
        }
    }

    public void CancelAll()
    {
        Dictionary<long, IAcknowledgement>? waiting;
        lock (this)
        {
            waiting = _waiting;
            _waiting = null;
        }

        foreach (var acknowledgement in waiting?.Values ?? Enumerable.Empty<IAcknowledgement>())
        {
            acknowledgement.Cancel();
        }
    }
}
