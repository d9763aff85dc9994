namespace Starling.Server.Sockets.Recovery;

/// <summary>
/// What a client missed elsewhere before this log became responsible for it. It has a number of the log to itself, and only this client
/// gets it; the offset of its third event is <c>LOG-NUMBER.3</c>.
/// </summary>
internal sealed class Prelude(long number, MissedEvent[] events, DateTimeOffset adoptedAt)
{
    /// <summary>Its number; packets that the client gets behind it have higher ones.</summary>
    public long Number => number;

    public DateTimeOffset AdoptedAt => adoptedAt;

    /// <summary>The events; null once they are too old to be kept. Guarded by the log.</summary>
    public MissedEvent[]? Events { get; set; } = events;

    /// <summary>Finds where a client stands that brings an offset of a former log.</summary>
    public Standing? Find(string offset) =>
        Events is { } events && Array.FindIndex(events, missed => missed.FormerOffsets.Contains(offset)) is var index and >= 0
            ? new Standing(number, index + 1) : null;
}
