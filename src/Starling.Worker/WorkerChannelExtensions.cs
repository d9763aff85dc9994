using Starling.Messaging.NodeIpc;

namespace Starling.Worker;

/// <summary>Messages between applications of one supervisor.</summary>
public static class WorkerChannelExtensions
{
    /// <summary>
    /// Sends a value as JSON to every process of another application, which reads it by <see cref="RoutedMessage.TryRead"/>. Messages come in order and at
    /// most once: what nobody takes is lost, and a receiver that does not keep up loses the oldest. Done when the supervisor's channel has it.
    /// </summary>
    /// <param name="channel">The channel to the supervisor, which has to be Starling.</param>
    /// <param name="app">Name of the application.</param>
    /// <param name="message">The value.</param>
    /// <param name="cancellationToken">Ends the wait for room in the channel.</param>
    /// <exception cref="NodeChannelException">There is no supervisor.</exception>
    public static Task SendToAsync<T>(this IWorkerChannel channel, string app, T message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentException.ThrowIfNullOrEmpty(app);
        return channel.SendAsync(new RouteRequest<T>(app, message), cancellationToken);
    }
}
