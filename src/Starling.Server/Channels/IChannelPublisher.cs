namespace Starling.Server.Channels;

/// <summary>Publishes to the channels of this application, as a server does that needs no access token.</summary>
public interface IChannelPublisher
{
    /// <summary>Publishes an update to everyone who subscribes to one of its topics, on every node.</summary>
    /// <param name="update">The update.</param>
    /// <param name="cancellationToken">Ends the wait, not the publication.</param>
    /// <returns>
    /// The update's id, once the update is in the history (and, where there is one, in the history's file) and handed to the backplane. It does
    /// not wait for subscribers.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The update breaks a rule of the protocol: no topic, a topic or type that is reserved, control characters; the message says which.
    /// </exception>
    /// <exception cref="IOException">The file of the history cannot be written; the update was not published.</exception>
    ValueTask<string> PublishAsync(Update update, CancellationToken cancellationToken = default);
}
