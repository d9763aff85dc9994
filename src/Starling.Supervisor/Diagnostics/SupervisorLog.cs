using Microsoft.Extensions.Logging;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor;

/// <summary>The supervisor's log messages. Numbers are never used twice.</summary>
internal static partial class SupervisorLog
{
    [LoggerMessage(1, LogLevel.Information, "{App} ({Worker}) ended: process {Pid}, {Status}")]
    public static partial void WorkerEnded(this ILogger logger, string app, int worker, int pid, ExitStatus status);

    [LoggerMessage(2, LogLevel.Error, "{App} ({Worker}) cannot be started: {Reason}")]
    public static partial void WorkerNotStarted(this ILogger logger, string app, int worker, string reason);

    [LoggerMessage(3, LogLevel.Error, "{App} ({Worker}) is given up: {Reason}")]
    public static partial void WorkerGivenUp(this ILogger logger, string app, int worker, string reason);

    [LoggerMessage(4, LogLevel.Information, "{App} ({Worker}) is restarted: {Reason}")]
    public static partial void WorkerRestarted(this ILogger logger, string app, int worker, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{App} ({Worker}) did not say that it is ready within {Seconds} s; it is taken to be")]
    public static partial void WorkerSaysNothing(this ILogger logger, string app, int worker, double seconds);

    [LoggerMessage(6, LogLevel.Error, "{App} ({Worker}) could not be replaced: {Reason}")]
    public static partial void ReloadRolledBack(this ILogger logger, string app, int worker, string reason);

    [LoggerMessage(7, LogLevel.Information, "{App} ({Worker}): process {Pid} ended {Seconds:0.0} s after it was replaced; connections finished: {Finished}, cut: {Cut}; by force: {WasKilled}")]
    public static partial void WorkerDrained(this ILogger logger, string app, int worker, int pid, double seconds, int? finished, int? cut, bool wasKilled);

    [LoggerMessage(8, LogLevel.Information, "Adopted {App} ({Worker}), process {Pid}, from a former supervisor")]
    public static partial void WorkerAdopted(this ILogger logger, string app, int worker, int pid);

    [LoggerMessage(9, LogLevel.Warning, "Ended {Count} processes of a worker that nobody knows (process {Pid})")]
    public static partial void StrayEnded(this ILogger logger, int pid, int count);

    [LoggerMessage(10, LogLevel.Error, "The state cannot be written: {Reason}. Workers go on; only the keeper knows of them until it can be.")]
    public static partial void StateNotWritten(this ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Warning, "The former state cannot be read and is left aside: {Reason}")]
    public static partial void StateNotRead(this ILogger logger, string reason);

    [LoggerMessage(12, LogLevel.Error, "A check of {App} failed: {Reason}")]
    public static partial void CheckFailed(this ILogger logger, string app, string reason);

    [LoggerMessage(14, LogLevel.Warning, "The keeper is gone; another one is started")]
    public static partial void KeeperLost(this ILogger logger);

    [LoggerMessage(15, LogLevel.Error, "No keeper can be started: {Reason}")]
    public static partial void KeeperNotStarted(this ILogger logger, string reason);

    [LoggerMessage(16, LogLevel.Error, "The daemon ended without being told to; it is started again in {Seconds:0.0} s")]
    public static partial void DaemonLost(this ILogger logger, double seconds);

    [LoggerMessage(17, LogLevel.Error, "The daemon cannot be started: {Reason}")]
    public static partial void DaemonNotStarted(this ILogger logger, string reason);

    [LoggerMessage(18, LogLevel.Information, "The supervisor of {Folder} is ready, process {Pid}")]
    public static partial void SupervisorReady(this ILogger logger, string folder, int pid);

    [LoggerMessage(19, LogLevel.Information, "{App} is restarted: {Reason}")]
    public static partial void GroupRestarted(this ILogger logger, string app, string reason);

    [LoggerMessage(20, LogLevel.Information, "{App} ({Worker}): what its heap grew by is in {Path}")]
    public static partial void HeapWritten(this ILogger logger, string app, int worker, string path);

    [LoggerMessage(21, LogLevel.Warning, "The heap of process {Pid} cannot be looked at: {Reason}")]
    public static partial void HeapNotRead(this ILogger logger, int pid, string reason);

    [LoggerMessage(22, LogLevel.Warning, "{From} sends messages to '{To}', which is no application here; they are dropped")]
    public static partial void RouteUnknown(this ILogger logger, string from, string to);

    [LoggerMessage(23, LogLevel.Warning, "{App}, process {Pid}, does not keep up with the messages of other applications: the oldest are dropped")]
    public static partial void RouteSlow(this ILogger logger, string app, int pid);

    [LoggerMessage(25, LogLevel.Warning, "{App}: a connection could not be handed to a process: {Reason}")]
    public static partial void ConnectionNotHanded(this ILogger logger, string app, string reason);

    [LoggerMessage(26, LogLevel.Information, "The supervisor of {Folder} leaves its workers to the next one")]
    public static partial void SupervisorLeaves(this ILogger logger, string folder);

    [LoggerMessage(27, LogLevel.Error, "{What} failed: {Reason}")]
    public static partial void BackgroundFailed(this ILogger logger, string what, string reason, Exception exception);

    [LoggerMessage(28, LogLevel.Warning, "{App}, process {Pid}: a message cannot be used and is dropped; further ones are dropped silently: {Reason}")]
    public static partial void MessageDropped(this ILogger logger, string app, int pid, string reason);

    [LoggerMessage(29, LogLevel.Warning, "{App} ({Worker}) cannot be started now and is tried again in {Seconds:0.0} s: {Reason}")]
    public static partial void WorkerStartRetried(this ILogger logger, string app, int worker, double seconds, string reason);

    [LoggerMessage(30, LogLevel.Warning, "The keeper does not answer; the supervisor works without it until it does")]
    public static partial void KeeperSilent(this ILogger logger);

    [LoggerMessage(31, LogLevel.Warning, "{App} restarts again and again because of changes in what it watches; the next restart waits {Seconds:0.0} s. Add the files that it writes to ignore_watch.")]
    public static partial void WatchBraked(this ILogger logger, string app, double seconds);

    [LoggerMessage(32, LogLevel.Error, "{App} cannot be restored: {Reason}")]
    public static partial void GroupNotRestored(this ILogger logger, string app, string reason);

    [LoggerMessage(33, LogLevel.Warning, "A message between keeper and daemon cannot be handled: {Reason}")]
    public static partial void KeeperMessageFailed(this ILogger logger, string reason);

    [LoggerMessage(24, LogLevel.Information, "Another keeper holds what the workers need, process {Pid}")]
    public static partial void KeeperReady(this ILogger logger, int pid);
}
