using Microsoft.Extensions.Logging;
using Starling.Server.Sessions;

namespace Starling.Server.Diagnostics;

/// <summary>The catalogue of log messages; numbers are never reused.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Debug, "Session {SessionId} opened over {Transport}, protocol {Version}, from {Address}")]
    public static partial void SessionOpened(this ILogger logger, string sessionId, string transport, int version, System.Net.IPAddress? address);

    [LoggerMessage(2, LogLevel.Debug, "Session {SessionId} ended: {Reason}")]
    public static partial void SessionEnded(this ILogger logger, string sessionId, DisconnectReason reason);

    [LoggerMessage(3, LogLevel.Information, "Request refused with {Code} ({Message}): {Method} {Path} from {Address}")]
    public static partial void RequestRefused(this ILogger logger, int code, string message, string method, string path, string address);

    [LoggerMessage(4, LogLevel.Warning, "Session {SessionId} cut: its client reads too slowly and {Bytes} bytes are waiting for it")]
    public static partial void SlowClient(this ILogger logger, string sessionId, int bytes);

    [LoggerMessage(5, LogLevel.Information, "Session {SessionId} sent a packet that is not valid: {Error}")]
    public static partial void InvalidPacket(this ILogger logger, string sessionId, string error);

    [LoggerMessage(6, LogLevel.Error, "The handler of event {Event} in namespace {Namespace} failed for socket {SocketId}")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception, string @event, string @namespace, string socketId);

    [LoggerMessage(7, LogLevel.Error, "The message handler of session {SessionId} failed")]
    public static partial void MessageHandlerFailed(this ILogger logger, Exception exception, string sessionId);

    [LoggerMessage(8, LogLevel.Debug, "Socket {SocketId} connected to namespace {Namespace}, recovered: {Recovered}")]
    public static partial void SocketConnected(this ILogger logger, string socketId, string @namespace, bool recovered);

    [LoggerMessage(9, LogLevel.Debug, "Socket {SocketId} left namespace {Namespace}: {Reason}")]
    public static partial void SocketDisconnected(this ILogger logger, string socketId, string @namespace, DisconnectReason reason);

    [LoggerMessage(10, LogLevel.Information, "Session {SessionId} may not join namespace {Namespace}: {Message}")]
    public static partial void ConnectRefused(this ILogger logger, string sessionId, string @namespace, string message);

    [LoggerMessage(11, LogLevel.Error, "The middleware or connection handler of namespace {Namespace} failed for session {SessionId}")]
    public static partial void ConnectFailed(this ILogger logger, Exception exception, string @namespace, string sessionId);

    [LoggerMessage(12, LogLevel.Error, "A message of node {Sender} on the backplane could not be handled")]
    public static partial void BackplaneMessageFailed(this ILogger logger, Exception exception, string sender);

    [LoggerMessage(13, LogLevel.Information, "Draining: {Sessions} sessions are told to go")]
    public static partial void Draining(this ILogger logger, int sessions);

    [LoggerMessage(14, LogLevel.Information, "Arguments of event {Event} from socket {SocketId} do not fit its handler: {Message}")]
    public static partial void ArgumentsDoNotFit(this ILogger logger, string @event, string socketId, string message);

    [LoggerMessage(15, LogLevel.Error, "Namespace {Namespace} could not subscribe to the backplane; it serves this node's clients only")]
    public static partial void BackplaneSubscriptionFailed(this ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(16, LogLevel.Error, "Handing publications to subscribers failed")]
    public static partial void DispatchFailed(this ILogger logger, Exception exception);

    [LoggerMessage(17, LogLevel.Information, "Request to the hub refused with {Status} ({Message}): {Method} from {Address}")]
    public static partial void ChannelRequestRefused(this ILogger logger, int status, string message, string method, string address);

    [LoggerMessage(18, LogLevel.Error, "A WebSocket ended because its handler failed")]
    public static partial void DetachedConnectionFailed(this ILogger logger, Exception exception);

    [LoggerMessage(19, LogLevel.Error, "The file of the channels' history could not be written anew; it goes on growing")]
    public static partial void HistoryNotCompacted(this ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Warning, "The data {SocketAndName} of a socket that moved to another node has no JSON form and was left behind")]
    public static partial void SocketDataNotMoved(this ILogger logger, Exception exception, string socketAndName);

    [LoggerMessage(21, LogLevel.Warning, "The other nodes could not be asked for a lost socket of namespace {Namespace}; its client joins as a new one")]
    public static partial void RecoveryNotAsked(this ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(22, LogLevel.Information, "Took over {Sockets} lost sockets and {Bytes} bytes of packets from node {Sender}, which stops, in namespace {Namespace}")]
    public static partial void RecoveryInherited(this ILogger logger, string sender, string @namespace, int sockets, long bytes);

    [LoggerMessage(23, LogLevel.Information, "Gave {Sockets} lost sockets of namespace {Namespace} to node {Heir}")]
    public static partial void RecoveryHandedOver(this ILogger logger, string @namespace, int sockets, string heir);

    [LoggerMessage(24, LogLevel.Warning, "Lost sockets of namespace {Namespace} could not be handed over; their clients will join as new ones")]
    public static partial void RecoveryNotHandedOver(this ILogger logger, Exception exception, string @namespace);

    [LoggerMessage(25, LogLevel.Error, "A callback that the application registered on {Token} of {Id} failed")]
    public static partial void CallbackFailed(this ILogger logger, Exception exception, string token, string id);

    [LoggerMessage(26, LogLevel.Error, "The scoped services of socket {SocketId} in namespace {Namespace} could not be disposed")]
    public static partial void ServicesNotDisposed(this ILogger logger, Exception exception, string socketId, string @namespace);

    [LoggerMessage(27, LogLevel.Error, "The callback of a timer failed")]
    public static partial void TimerFailed(this ILogger logger, Exception exception);

    [LoggerMessage(28, LogLevel.Error, "The details of the refusal to join namespace {Namespace} could not be serialised; session {SessionId} gets its message only")]
    public static partial void RefusalDetailsNotSent(this ILogger logger, Exception exception, string @namespace, string sessionId);

    [LoggerMessage(29, LogLevel.Warning, "Socket {SocketId} of namespace {Namespace} is disconnected: it went on sending more than the limit for each {Scope} allows")]
    public static partial void RateLimitExceeded(this ILogger logger, string socketId, string @namespace, string scope);

    [LoggerMessage(55, LogLevel.Error, "A subscriber over {Transport} failed")]
    public static partial void SubscriberFailed(this ILogger logger, Exception exception, string transport);

    [LoggerMessage(56, LogLevel.Error, "The head of the history file {Path} cannot be read; the history begins again. The content was copied to {Copy}")]
    public static partial void HistoryHeadUnreadable(this ILogger logger, string path, string copy);

    [LoggerMessage(57, LogLevel.Warning, "The history file {Path} was not closed in order: {Bytes} bytes at its end were cut off, {Publications} publications were read. Clients that may have missed some are told of a gap")]
    public static partial void HistoryIncomplete(this ILogger logger, string path, long bytes, int publications);

    [LoggerMessage(58, LogLevel.Error, "The history file cannot take publications of other nodes (epoch {Epoch}); they are kept in memory, and will be missing after a restart. Make room on the disk")]
    public static partial void HistoryNotWritten(this ILogger logger, Exception exception, string epoch);

    [LoggerMessage(59, LogLevel.Error, "The channels' regular work failed; it is tried again in a second")]
    public static partial void ChannelTickFailed(this ILogger logger, Exception exception);

    [LoggerMessage(60, LogLevel.Error, "The regular work of presence failed; it is tried again in a second")]
    public static partial void PresenceTickFailed(this ILogger logger, Exception exception);
}
