namespace Starling.Messaging.Multicast;

/// <summary>One message of a feed.</summary>
/// <param name="Session">Which life of the publisher it is from; with a new one the numbers begin anew.</param>
/// <param name="Sequence">Its number in the session; the first is 1.</param>
/// <param name="Data">Its content.</param>
/// <param name="Missed">How many messages directly before it are lost for good: the publisher did not keep them, or could not be asked.</param>
public sealed record FeedMessage(string Session, long Sequence, ReadOnlyMemory<byte> Data, long Missed);
