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
}
