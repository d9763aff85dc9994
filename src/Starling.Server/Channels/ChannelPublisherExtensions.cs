namespace Starling.Server.Channels;

/// <summary>Ways to publish that build on <see cref="IChannelPublisher.PublishAsync"/>.</summary>
public static class ChannelPublisherExtensions
{
    /// <summary>Publishes all that a sequence yields, one after the other.</summary>
    /// <param name="publisher">The publisher.</param>
    /// <param name="updates">The updates.</param>
    /// <param name="cancellationToken">Ends the feed.</param>
    /// <returns>How many updates were published, once the sequence has ended.</returns>
    /// <exception cref="ArgumentException">An update breaks a rule of the protocol; those before it were published.</exception>
    public static async Task<long> FeedAsync(
        this IChannelPublisher publisher, IAsyncEnumerable<Update> updates, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        ArgumentNullException.ThrowIfNull(updates);
        var published = 0L;
        await foreach (var update in updates.WithCancellation(cancellationToken))
        {
            await publisher.PublishAsync(update, cancellationToken);
            published++;
        }

        return published;
    }
}
