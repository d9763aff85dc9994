namespace Starling.Messaging.Multicast;

/// <summary>The messages of a gap, as far as they have come. They have no hole. Owner: who fetches them.</summary>
internal sealed class RecoveredRange
{
    private readonly long _to;
    private bool _isCut;

    /// <param name="from">Number of the first that is missed.</param>
    /// <param name="to">Number of the first that is not.</param>
    public RecoveredRange(long from, long to) => (First, _to) = (from, to);

    /// <summary>Number of the first of them.</summary>
    public long First { get; private set; }

    public List<ReadOnlyMemory<byte>> Messages { get; } = [];

    /// <summary>Number of the next to come.</summary>
    public long Next => First + Messages.Count;

    /// <summary>Whether the publisher does not have, and never had, the end of the range: it was not published.</summary>
    public bool IsDenied { get; private set; }

    /// <summary>Whether nothing more is wanted.</summary>
    public bool IsComplete => _isCut || IsDenied || Next >= _to;

    /// <summary>The publisher has sent all that it has published.</summary>
    public void Deny() => IsDenied = Next < _to;

    /// <summary>The publisher begins with a number: the wanted one, or the oldest that it still has.</summary>
    public void BeginAt(long number)
    {
        if (Messages.Count == 0)
        {
            First = Math.Clamp(number, First, _to);
        }
        else if (number != Next)
        {
            // What it forgot meanwhile would leave a hole.
            _isCut = true;
        }
    }
}
