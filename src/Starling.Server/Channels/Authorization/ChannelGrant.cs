using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Authorization;

/// <summary>One authorization detail of a token: what may be done with which topics.</summary>
/// <param name="MayPublish">Whether it allows to publish.</param>
/// <param name="MaySubscribe">Whether it allows to read private updates.</param>
/// <param name="Topics">The topics.</param>
/// <param name="Payload">A JSON object that is shown with subscriptions, or null.</param>
internal sealed record ChannelGrant(bool MayPublish, bool MaySubscribe, IReadOnlyList<TopicMatcher> Topics, string? Payload)
{
    public bool Allows(ChannelAction action, string topic)
    {
        if (!Includes(action))
        {
            return false;
        }

        for (var i = 0; i < Topics.Count; i++)
        {
            if (Topics[i].Matches(topic))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a matcher is named literally.</summary>
    public bool Names(ChannelAction action, TopicMatcher matcher) => Includes(action) && Topics.Contains(matcher);

    private bool Includes(ChannelAction action) => action == ChannelAction.Publish ? MayPublish : MaySubscribe;
}
