using Starling.Server.Channels.History;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Http;

/// <summary>Where a subscriber goes on (Mercure, section "Reconnection, State Reconciliation, and Event Sourcing").</summary>
/// <param name="Requested">What it asked for, or null.</param>
/// <param name="Cursor">The position that this is.</param>
/// <param name="WantsEarliest">Whether it gets all there is.</param>
/// <param name="IsUnknown">Whether it asked for a position that the hub does not know.</param>
internal sealed record SubscriptionPosition(string? Requested, Cursor Cursor, bool WantsEarliest, bool IsUnknown)
{
    public static async ValueTask<SubscriptionPosition> OfAsync(
        SubscriptionRequest request, ChannelHub hub, CancellationToken cancellationToken)
    {
        var position = Of(request, hub.History);
        await hub.WaitForEpochsAsync(position.Cursor, cancellationToken);
        return position;
    }

    private static SubscriptionPosition Of(SubscriptionRequest request, PublicationHistory history)
    {
        if (string.IsNullOrEmpty(request.LastEventId))
        {
            return new(null, history.Current, WantsEarliest: false, IsUnknown: false);
        }

        if (request.LastEventId == UpdateRules.Earliest)
        {
            return new(request.LastEventId, Cursor.Start, WantsEarliest: true, IsUnknown: false);
        }

        return history.TryResolve(request.LastEventId, out var cursor)
            ? new(request.LastEventId, cursor, WantsEarliest: false, IsUnknown: false)
            : new(request.LastEventId, Cursor.Start, WantsEarliest: true, IsUnknown: true);
    }

    /// <summary>The value of the response field <c>Mercure-Last-Event-ID</c>.</summary>
    /// <param name="hasGap">Whether something that was asked for is missing.</param>
    public string ResponseField(bool hasGap) => hasGap || WantsEarliest ? UpdateRules.Earliest : Requested!;
}
