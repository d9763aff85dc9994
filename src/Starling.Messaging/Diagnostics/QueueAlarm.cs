namespace Starling.Messaging.Diagnostics;

/// <summary>A queue is nearly full.</summary>
/// <param name="Queue">Which: <c>requests</c>, <c>calls</c> or <c>send</c>.</param>
/// <param name="Peer">Whose.</param>
/// <param name="Length">How much is in it: requests, calls or bytes.</param>
/// <param name="Limit">How much it holds.</param>
public sealed record QueueAlarm(string Queue, string Peer, long Length, long Limit);
