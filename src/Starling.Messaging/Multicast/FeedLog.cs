using System.Net;
using Microsoft.Extensions.Logging;

namespace Starling.Messaging.Multicast;

/// <summary>The log messages of feeds; numbers are never reused.</summary>
internal static partial class FeedLog
{
    [LoggerMessage(101, LogLevel.Warning, "The network does not take what is sent to {Group}:{Port} ({Reason}); subscribers have to fetch it")]
    public static partial void NotSent(ILogger logger, IPAddress group, int port, string reason);

    [LoggerMessage(102, LogLevel.Warning, "Session {Other} is passed over, which comes to {Group}:{Port} as well as session {Session} that is followed")]
    public static partial void OtherSession(ILogger logger, string other, IPAddress group, int port, string session);

    [LoggerMessage(103, LogLevel.Warning, "Ignoring number {Sequence} of session {Session} at {Group}:{Port}: the publisher has not published it. A datagram was forged; the feed goes on at {Next}")]
    public static partial void ForgedNumber(ILogger logger, long sequence, string session, IPAddress group, int port, long next);

    [LoggerMessage(104, LogLevel.Warning, "Position {Position} in session {Session} was not the publisher's, because of a forged datagram; the feed goes on at {Next}")]
    public static partial void PositionCorrected(ILogger logger, long position, string session, long next);
}
