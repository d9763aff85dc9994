using Microsoft.Extensions.Logging;

namespace Starling.Apps.Watcher;

/// <summary>The catalogue of log messages. Numbers are never used twice.</summary>
internal static partial class WatcherLog
{
    [LoggerMessage(1, LogLevel.Warning, "A message of {App}, process {Pid}, cannot be read: {Reason}")]
    public static partial void ReportNotRead(this ILogger logger, string app, int pid, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Reports cannot be sent: the supervisor is gone. Moves are dropped until this process is started by one again.")]
    public static partial void SupervisorGone(this ILogger logger);

    [LoggerMessage(3, LogLevel.Error, "What visitors do could not be published")]
    public static partial void PublishFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "The sessions cannot be kept in {Path}: {Reason}. Whoever signed in has to do so again after a restart.")]
    public static partial void SessionsNotWritten(this ILogger logger, string path, string reason);
}
