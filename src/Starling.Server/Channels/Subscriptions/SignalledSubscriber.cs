using Starling.Server.Channels.Authorization;

namespace Starling.Server.Channels.Subscriptions;

/// <summary>A subscriber that only wants to know that there is something, and reads it from the history: a poll that is held, or C#.</summary>
internal sealed class SignalledSubscriber(IReadOnlyList<TopicMatcher> matchers, ChannelAccess access, Cursor cursor, bool wantsEarliest)
    : Subscriber(matchers, access, cursor, wantsEarliest)
{
    public override bool Offer(Publication publication) => false;
}
