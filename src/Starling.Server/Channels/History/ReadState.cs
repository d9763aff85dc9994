namespace Starling.Server.Channels.History;

/// <summary>A read of the history under way.</summary>
/// <param name="reader">Says what it wants.</param>
/// <param name="into">Gets the publications.</param>
/// <param name="maxBytes">When to stop.</param>
internal sealed class ReadState(IHistoryReader reader, List<Publication> into, int maxBytes)
{
    private int _bytes;

    public IHistoryReader Reader { get; } = reader;

    public List<Publication> Into { get; } = into;

    public ReadTurn Turn { get; } = new();

    /// <summary>The position from which the read went on.</summary>
    public Cursor? From { get; set; }

    public bool HasGap { get; set; }

    public ReadResult Result => new(From!, HasGap);

    /// <summary>Adds a publication.</summary>
    /// <returns>Whether there are enough.</returns>
    public bool Take(Publication publication)
    {
        Into.Add(publication);
        _bytes += publication.Size;
        return _bytes >= maxBytes;
    }
}
