namespace Starling.Server.Sessions;

/// <summary>The rule by which a message may wait for its client.</summary>
internal static class SendLimit
{
    /// <summary>
    /// Whether a message may join those that wait. Together they may have <paramref name="limit"/> bytes; if one of them alone has
    /// more, it does not count. So a message of any size reaches a client that reads, and no more than the limit and one message waits.
    /// </summary>
    /// <param name="waiting">Bytes that wait.</param>
    /// <param name="length">Bytes of the message.</param>
    /// <param name="largest">Bytes of the largest message that waits or joins.</param>
    /// <param name="limit">The limit.</param>
    public static bool Fits(long waiting, long length, long largest, int limit) =>
        waiting + length - (largest > limit ? largest : 0) <= limit;
}
