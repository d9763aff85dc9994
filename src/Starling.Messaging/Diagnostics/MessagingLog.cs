using Microsoft.Extensions.Logging;

namespace Starling.Messaging.Diagnostics;

/// <summary>The catalogue of log messages; numbers are never reused.</summary>
internal static partial class MessagingLog
{
    [LoggerMessage(1, LogLevel.Debug, "Connected with {Peer}")]
    public static partial void Connected(this ILogger logger, string peer);

    [LoggerMessage(2, LogLevel.Debug, "Connection with {Peer} ended: {Reason}")]
    public static partial void Disconnected(this ILogger logger, string peer, PeerText reason);

    [LoggerMessage(3, LogLevel.Error, "The handler of {Method} failed for {Peer}")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception, string method, string peer);

    [LoggerMessage(4, LogLevel.Information, "{Peer} sent what is no message: {Problem}")]
    public static partial void InvalidMessage(this ILogger logger, string peer, PeerText problem);

    [LoggerMessage(5, LogLevel.Warning, "Queue {Queue} of {Peer} is nearly full: {Length} of {Limit}")]
    public static partial void QueueNearlyFull(this ILogger logger, string queue, PeerText peer, long length, long limit);

    [LoggerMessage(6, LogLevel.Warning, "Notification {Method} of {Peer} dropped: too many requests are waiting")]
    public static partial void NotificationDropped(this ILogger logger, PeerText method, string peer);

    [LoggerMessage(7, LogLevel.Information, "Notification {Method} of {Peer} ignored: {Problem}")]
    public static partial void NotificationIgnored(this ILogger logger, PeerText method, string peer, PeerText problem);

    [LoggerMessage(8, LogLevel.Information, "Listening on {Address}")]
    public static partial void Listening(this ILogger logger, string address);

    [LoggerMessage(9, LogLevel.Warning, "Accepting on {Address} failed; it goes on")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception, string address);

    [LoggerMessage(10, LogLevel.Debug, "{Address} could not be reached ({Reason}); next attempt in {Delay}")]
    public static partial void ConnectFailed(this ILogger logger, string address, PeerText reason, TimeSpan delay);

    [LoggerMessage(11, LogLevel.Information, "Removed the socket {Path}, which a process that is gone had left")]
    public static partial void StaleSocketRemoved(this ILogger logger, string path);

    [LoggerMessage(12, LogLevel.Information, "Peer {Name} ({Role}) registered from {Peer}")]
    public static partial void PeerRegistered(this ILogger logger, PeerText name, PeerText role, string peer);

    [LoggerMessage(13, LogLevel.Information, "Peer {Name} ({Role}) left")]
    public static partial void PeerLeft(this ILogger logger, PeerText name, PeerText role);

    [LoggerMessage(14, LogLevel.Warning, "Name {Name} refused to {Peer}: {Holder} has it and is alive")]
    public static partial void NameRefused(this ILogger logger, PeerText name, string peer, string holder);

    [LoggerMessage(15, LogLevel.Warning, "Registering with {Address} failed: {Reason}")]
    public static partial void RegistrationFailed(this ILogger logger, string address, PeerText reason);
}
