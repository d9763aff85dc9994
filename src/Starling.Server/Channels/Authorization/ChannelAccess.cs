using Starling.Protocol;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Authorization;

/// <summary>What a client may do, as its access token or a policy says. Immutable.</summary>
internal sealed class ChannelAccess
{
    // A token's end must end the connection, not follow it.
    private static readonly TimeSpan ExpiryMargin = TimeSpan.FromSeconds(1);

    /// <summary>Nothing but public updates.</summary>
    public static ChannelAccess Anonymous { get; } = new();

    /// <summary>Everything.</summary>
    public static ChannelAccess Everything { get; } = new() { IsUnlimited = true };

    /// <summary>Everything, as long as the sign-in lasts.</summary>
    public static ChannelAccess EverythingUntil(DateTimeOffset? expires) =>
        expires is { } end ? new ChannelAccess { IsUnlimited = true, Expires = end } : Everything;

    public bool IsUnlimited { get; init; }

    /// <summary>The grants of the token, in its order.</summary>
    public IReadOnlyList<ChannelGrant> Grants { get; init; } = [];

    /// <summary>Whether neither a token nor a policy vouches for the client.</summary>
    public bool IsAnonymous => !IsUnlimited && TokenId is null;

    /// <summary>Whether it may read private updates of any topic at all.</summary>
    public bool MayReadAny => IsUnlimited || Grants.Any(static grant => grant.MaySubscribe);

    /// <summary>When the token ends, and with it the connection.</summary>
    public DateTimeOffset Expires { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>What tells this token from others, for limits; null without a token.</summary>
    public string? TokenId { get; init; }

    /// <summary>How long a connection that begins now may last: no longer than the token is good, and no longer than any may.</summary>
    public TimeSpan LifetimeFrom(DateTimeOffset now, TimeSpan longest)
    {
        longest = longest < TimerLimits.Longest ? longest : TimerLimits.Longest;
        var rest = Expires - now - ExpiryMargin;
        return rest < TimeSpan.Zero ? TimeSpan.Zero : rest < longest ? rest : longest;
    }

    /// <summary>Whether private updates with these topics may be read: one of them suffices.</summary>
    public bool MayRead(IReadOnlyList<string> topics)
    {
        if (IsUnlimited)
        {
            return true;
        }

        for (var i = 0; i < topics.Count; i++)
        {
            if (Allows(ChannelAction.Subscribe, topics[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an update with these topics may be published: all of them must be allowed.</summary>
    public bool MayPublish(IReadOnlyList<string> topics) => IsUnlimited || topics.All(topic => Allows(ChannelAction.Publish, topic));

    /// <summary>Whether an action is allowed on a topic.</summary>
    public bool Allows(ChannelAction action, string topic)
    {
        if (IsUnlimited)
        {
            return true;
        }

        foreach (var grant in Grants)
        {
            if (grant.Allows(action, topic))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The payload that goes with a subscription: that of the first grant to subscribe that matches its matcher.</summary>
    public string? PayloadFor(TopicMatcher matcher)
    {
        foreach (var grant in Grants)
        {
            if (grant.Allows(ChannelAction.Subscribe, matcher.Pattern) || grant.Names(ChannelAction.Subscribe, matcher))
            {
                return grant.Payload;
            }
        }

        return null;
    }
}
