namespace Starling.Server.Channels.History;

/// <summary>What a reader should know of a read.</summary>
/// <param name="HasGap">Whether publications that it wanted are no longer there; its cursor was moved beyond them.</param>
/// <param name="IsAtEnd">Whether there is nothing more to read.</param>
internal readonly record struct ReadResult(bool HasGap, bool IsAtEnd);
