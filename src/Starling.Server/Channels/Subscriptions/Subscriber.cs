using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.History;

namespace Starling.Server.Channels.Subscriptions;

/// <summary>
/// One client of the hub. While it keeps up it is live: the dispatcher hands it each publication. When it cannot take one it is suspended
/// and reads from the history at its own pace, until it has caught up and is live again. So its queue is the history.
/// </summary>
/// <remarks>
/// Owner: the request that subscribed. <see cref="IsLive"/> and the position are guarded by the subscriber table's lock; while it is live
/// only the dispatcher writes to it, while it is suspended only its own loop does.
/// </remarks>
internal abstract class Subscriber : IHistoryReader
{
    /// <summary>Calls of <see cref="Beat"/> in one <see cref="ChannelOptions.HeartbeatInterval"/>.</summary>
    public const int BeatsInInterval = 4;

    private readonly IReadOnlyList<TopicMatcher> _matchers;
    private TaskCompletionSource? _suspended;

    protected Subscriber(IReadOnlyList<TopicMatcher> matchers, ChannelAccess access, Cursor cursor, bool wantsEarliest)
    {
        _matchers = matchers;
        Access = access;
        Cursor = cursor;
        WantsEarliest = wantsEarliest;
        Topics = matchers.All(matcher => matcher.OnlyTopic is not null) ? [.. matchers.Select(matcher => matcher.OnlyTopic!).Distinct()] : null;
    }

    /// <summary>A name that nobody can choose or guess.</summary>
    public string Id { get; } = "urn:uuid:" + Guid.NewGuid().ToString("D");

    public IReadOnlyList<TopicMatcher> Matchers => _matchers;

    public ChannelAccess Access { get; }

    public IReadOnlyList<string>? Topics { get; }

    public Cursor Cursor { get; set; }

    public long ScannedThrough { get; set; }

    public bool WantsEarliest { get; private set; }

    /// <summary>Whether the dispatcher hands it publications.</summary>
    public bool IsLive { get; private set; }

    /// <summary>The last publication that was offered, so that one which several matchers select is offered once.</summary>
    public long Offered { get; set; }

    /// <summary>Whether it is in the dispatcher's list of those to flush.</summary>
    public bool IsDirty { get; set; }

    public bool WantsTopic(string topic)
    {
        for (var i = 0; i < _matchers.Count; i++)
        {
            if (_matchers[i].Matches(topic))
            {
                return true;
            }
        }

        return false;
    }

    public bool Wants(Publication publication) => IsNew(publication) && WantsAny(publication.Update.Topics) && MaySee(publication);

    /// <summary>Whether it has not had a publication.</summary>
    public bool IsNew(Publication publication) => publication.Offset > Cursor.OffsetOf(publication.Epoch);

    /// <summary>Whether its authorisation allows it to see a publication.</summary>
    public bool MaySee(Publication publication) => !publication.Update.IsPrivate || Access.MayRead(publication.Update.Topics);

    /// <summary>Makes it live. Under the table's lock.</summary>
    public void Resume()
    {
        IsLive = true;
        WantsEarliest = false;
        Offered = ScannedThrough;
    }

    /// <summary>Makes it read from the history, beginning after a publication that it has had. Under the table's lock.</summary>
    public void Suspend(Cursor seen, long sequence)
    {
        if (IsLive)
        {
            IsLive = false;
            Cursor = Cursor.Max(seen);
            ScannedThrough = sequence;
            _suspended?.TrySetResult();
        }
    }

    /// <summary>Completes when it is not live any more. Under the table's lock.</summary>
    public Task WhenSuspended()
    {
        if (!IsLive)
        {
            return Task.CompletedTask;
        }

        _suspended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _suspended.Task;
    }

    /// <summary>Ends the wait of its loop. Under the table's lock.</summary>
    public void Stop()
    {
        IsLive = false;
        _suspended?.TrySetResult();
    }

    /// <summary>Takes a publication at once, or refuses, upon which it is suspended before it. Quick; never throws.</summary>
    public abstract bool Offer(Publication publication);

    /// <summary>Sends what was taken. Outside of the table's lock, by the dispatcher only.</summary>
    /// <returns>False when it cannot take more for now.</returns>
    public virtual bool Flush() => true;

    /// <summary>Keeps the connection alive. By the dispatcher, while it is live.</summary>
    /// <param name="current">The position of one that has had everything.</param>
    /// <returns>Whether something was written and needs a flush.</returns>
    public virtual bool Beat(Cursor current) => false;

    private bool WantsAny(IReadOnlyList<string> topics)
    {
        for (var i = 0; i < topics.Count; i++)
        {
            if (WantsTopic(topics[i]))
            {
                return true;
            }
        }

        return false;
    }
}
