using Microsoft.Extensions.Logging;

namespace Starling.Documents.Diagnostics;

/// <summary>The catalogue of log messages; numbers are never reused.</summary>
internal static partial class DocumentLog
{
    [LoggerMessage(1, LogLevel.Error, "Document {Key} could not be loaded")]
    public static partial void LoadFailed(this ILogger logger, Exception exception, DocumentKey key);

    [LoggerMessage(2, LogLevel.Error, "A commit to document {Key} failed; it will be read again")]
    public static partial void CommitFailed(this ILogger logger, Exception exception, DocumentKey key);

    [LoggerMessage(3, LogLevel.Error, "An operation on document {Key} failed in its type or in a middleware")]
    public static partial void SubmissionFailed(this ILogger logger, Exception exception, DocumentKey key);

    [LoggerMessage(4, LogLevel.Error, "Other nodes could not be told of operations on document {Key}; they find them in the store")]
    public static partial void RelayFailed(this ILogger logger, Exception exception, DocumentKey key);

    [LoggerMessage(5, LogLevel.Error, "Request {Action} of client {Source} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string action, string source);

    [LoggerMessage(6, LogLevel.Information, "Client {Source} sent what is no message of the protocol and is disconnected: {Error}")]
    public static partial void InvalidMessage(this ILogger logger, string source, string error);

    [LoggerMessage(7, LogLevel.Information, "Client {Source} was refused: {Message}")]
    public static partial void ConnectRefused(this ILogger logger, string source, string message);

    [LoggerMessage(8, LogLevel.Warning, "Client {Source} reads too slowly and is disconnected")]
    public static partial void SlowClient(this ILogger logger, string source);

    [LoggerMessage(9, LogLevel.Information, "Operation {Version} of document {Key} is not sent to client {Source}: {Message}")]
    public static partial void OperationNotSent(this ILogger logger, long version, DocumentKey key, string source, string message);

    [LoggerMessage(10, LogLevel.Error, "A live query on {Collection} failed")]
    public static partial void QueryFailed(this ILogger logger, Exception exception, string collection);

    [LoggerMessage(11, LogLevel.Error, "Presence on channel {Channel} could not be sent on")]
    public static partial void PresenceFailed(this ILogger logger, Exception exception, string channel);

    [LoggerMessage(12, LogLevel.Error, "The history of document {Key} could not be compacted")]
    public static partial void CompactionFailed(this ILogger logger, Exception exception, DocumentKey key);

    [LoggerMessage(13, LogLevel.Debug, "Client {Source} connected")]
    public static partial void ClientConnected(this ILogger logger, string source);

    [LoggerMessage(14, LogLevel.Debug, "Client {Source} disconnected")]
    public static partial void ClientDisconnected(this ILogger logger, string source);

    [LoggerMessage(15, LogLevel.Error, "An operation on document {Key} was stored, but one of those to be told of it failed")]
    public static partial void NotDelivered(this ILogger logger, Exception exception, DocumentKey key);

    [LoggerMessage(16, LogLevel.Error, "The work on document {Key} failed; the document will be read again")]
    public static partial void LoopFailed(this ILogger logger, Exception exception, DocumentKey key);

    [LoggerMessage(17, LogLevel.Warning, "More than {Bytes} bytes of operations wait for client {Source}, which is disconnected to fetch them again")]
    public static partial void ClientBehind(this ILogger logger, string source, long bytes);
}
