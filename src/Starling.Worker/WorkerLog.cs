using Microsoft.Extensions.Logging;

namespace Starling.Worker;

/// <summary>Everything that a worker logs. Numbers are never used twice.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Information, "Listening on passed sockets (descriptors {Descriptors}).")]
    public static partial void ListeningOnPassed(this ILogger logger, string descriptors);

    [LoggerMessage(2, LogLevel.Warning, "The addresses in {Setting} are not used: the supervisor passed sockets to listen on.")]
    public static partial void AddressesReplaced(this ILogger logger, string setting);

    [LoggerMessage(3, LogLevel.Information, "Draining: no more connections are accepted, {Connections} are open. Ends within {Timeout}.")]
    public static partial void Draining(this ILogger logger, int connections, TimeSpan timeout);

    [LoggerMessage(4, LogLevel.Information, "Drained: {Finished} connections finished, {Cut} were cut.")]
    public static partial void Drained(this ILogger logger, int finished, int cut);

    [LoggerMessage(5, LogLevel.Warning, "The supervisor cannot be told '{Message}' at {Socket}.")]
    public static partial void NotNotified(this ILogger logger, string message, string socket, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "Nothing reads the messages of the supervisor (IWorkerChannel.ReadAllAsync): only the last {Count} are kept.")]
    public static partial void MessagesDropped(this ILogger logger, int count);

    [LoggerMessage(7, LogLevel.Information, "The supervisor closed its channel.")]
    public static partial void SupervisorLeft(this ILogger logger);

    [LoggerMessage(8, LogLevel.Information, "Told to end a second time: what is open is cut.")]
    public static partial void Hurried(this ILogger logger);

    [LoggerMessage(10, LogLevel.Warning, "A message of the supervisor cannot be used and is dropped; further ones are dropped silently: {Reason}")]
    public static partial void MessageUnusable(this ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Warning, "The supervisor's channel failed.")]
    public static partial void ChannelFailed(this ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Error, "Code of the application that runs when the drain begins (IStarlingWorker.Draining) failed.")]
    public static partial void DrainCallbackFailed(this ILogger logger, Exception exception);
}
