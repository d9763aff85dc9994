namespace Starling.Server.Channels.History;

/// <summary>What a reader should know of a read.</summary>
/// <param name="From">The position from which it went on: the reader's, without what says nothing here, or the end of a gap.</param>
/// <param name="HasGap">Whether publications before that position, which the reader wanted, are no longer there.</param>
internal readonly record struct ReadResult(Cursor From, bool HasGap);
