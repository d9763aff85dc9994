namespace Starling.Server.Channels.History;

/// <summary>What a reader should know of a read.</summary>
/// <param name="Gap">Where nothing is missing any more, when publications that it wanted are no longer there; else null.</param>
/// <param name="IsAtEnd">Whether there is nothing more to read.</param>
internal readonly record struct ReadResult(Cursor? Gap, bool IsAtEnd)
{
    /// <summary>Whether something is missing.</summary>
    public bool HasGap => Gap is not null;
}
