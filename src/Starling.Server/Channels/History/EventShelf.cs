namespace Starling.Server.Channels.History;

/// <summary>
/// The hub's own events about subscriptions that are kept. A small number of their own, since every client that comes and goes makes some:
/// they must not push out updates.
/// </summary>
/// <remarks>Guarded by the lock of the whole history.</remarks>
internal sealed class EventShelf(int maxCount)
{
    public PublicationList Order { get; } = new();

    /// <summary>The last one that was forgotten. It stands for the others in the search for gaps.</summary>
    public Publication? LastForgotten { get; private set; }

    public void Add(Publication publication)
    {
        publication.Retained = 1;
        Order.Add(publication);
        while (Order.Count > maxCount)
        {
            Forget();
        }
    }

    public void ForgetBefore(DateTimeOffset time)
    {
        while (Order.Count > 0 && Order.Oldest.Time < time)
        {
            Forget();
        }
    }

    /// <summary>Drops the events of an epoch.</summary>
    public void Remove(string epoch)
    {
        foreach (var publication in Order.All)
        {
            publication.Retained = publication.Epoch == epoch ? 0 : publication.Retained;
        }

        Order.Compact();
    }

    private void Forget()
    {
        LastForgotten = Order.RemoveOldest();
        LastForgotten.Retained = 0;
    }
}
