namespace Starling.Server.Channels.Subscriptions;

/// <summary>What a subscriber asks for.</summary>
/// <param name="Matchers">The topics; at least one matcher.</param>
/// <param name="LastEventId">Id of the last publication it has had, <c>earliest</c>, or null to begin with the next one.</param>
internal sealed record SubscriptionRequest(IReadOnlyList<TopicMatcher> Matchers, string? LastEventId);
