using Microsoft.Extensions.Logging;
using Starling.Messaging.Diagnostics;

namespace Starling.Apps.Cache.Diagnostics;

/// <summary>The catalogue of log messages; numbers are never used twice.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Information, "{Service} has joined: {Runs}")]
    public static partial void Joined(ILogger logger, PeerText service, PeerText runs);

    [LoggerMessage(2, LogLevel.Warning, "{Service} from {Address} was not let in: {Reason}")]
    public static partial void NotLetIn(ILogger logger, PeerText service, string address, PeerText reason);

    [LoggerMessage(3, LogLevel.Warning, "{Service} has ended ({Reason}); it is started again in {Delay}")]
    public static partial void Ended(ILogger logger, string service, string reason, TimeSpan delay);

    [LoggerMessage(4, LogLevel.Warning, "{Service} is away")]
    public static partial void Left(ILogger logger, PeerText service);

    [LoggerMessage(5, LogLevel.Warning, "{Url} is fetched once more, because a service was lost: {Reason}")]
    public static partial void FetchedAgain(ILogger logger, string url, PeerText reason);

    [LoggerMessage(6, LogLevel.Error, "A request over HTTP failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "The file {Path} cannot be deleted")]
    public static partial void FileStays(ILogger logger, Exception exception, string path);

    [LoggerMessage(8, LogLevel.Warning, "Main at {Address} is away: {Reason}; it is looked for again in {Delay}")]
    public static partial void MainAway(ILogger logger, string address, PeerText reason, TimeSpan delay);

    [LoggerMessage(9, LogLevel.Debug, "Who asked over HTTP has gone: {Reason}")]
    public static partial void AskerGone(ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Main at {Address} did not let this service in: {Reason}; it is asked again in {Delay}")]
    public static partial void RefusedByMain(ILogger logger, string address, PeerText reason, TimeSpan delay);

    [LoggerMessage(11, LogLevel.Warning, "Main at {Address} is not there; it is looked for until it is")]
    public static partial void MainNotThere(ILogger logger, string address);

    [LoggerMessage(12, LogLevel.Warning, "A request over HTTP failed: {Reason}")]
    public static partial void AnswerFailed(ILogger logger, string reason);

    [LoggerMessage(13, LogLevel.Error, "The command '{Line}' failed")]
    public static partial void CommandFailed(ILogger logger, Exception exception, string line);

    [LoggerMessage(14, LogLevel.Warning, "Entry {Number} of {Url} is dropped, because its file cannot be read: {Reason}")]
    public static partial void EntryDropped(ILogger logger, long number, string url, string reason);

    [LoggerMessage(15, LogLevel.Warning, "{Count} files in {Folder} are not the cache's own and are left alone, such as {Name}")]
    public static partial void ForeignFiles(ILogger logger, int count, string folder, string name);

    [LoggerMessage(16, LogLevel.Warning, "More were not let in; for a minute they are counted and not named")]
    public static partial void MoreAreNotLetIn(ILogger logger);

    [LoggerMessage(17, LogLevel.Warning, "{Count} were not let in and not named")]
    public static partial void ManyWereNotLetIn(ILogger logger, int count);
}
