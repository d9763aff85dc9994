namespace Starling.Server.Channels;

/// <summary>Subscribes to the channels of this application from C#, with access to private updates.</summary>
public interface IChannelSubscriber
{
    /// <summary>Receives publications until it is cancelled. A reader that is slow reads from the history and costs no one anything.</summary>
    /// <param name="topics">What to subscribe to.</param>
    /// <param name="after">
    /// Where to go on: a cursor of an earlier publication, <see cref="Cursor.Start"/> for everything that is kept, or null to begin with what
    /// is published next.
    /// </param>
    /// <param name="cancellationToken">Ends the subscription.</param>
    /// <returns>The publications in order, each once. The subscription is in effect once the first one is asked for.</returns>
    /// <exception cref="ChannelGapException">Publications after the cursor are no longer in the history.</exception>
    /// <exception cref="ArgumentException">A pattern is not valid.</exception>
    IAsyncEnumerable<Publication> SubscribeAsync(TopicSelection topics, Cursor? after = null, CancellationToken cancellationToken = default);
}
