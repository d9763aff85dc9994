namespace Starling.Server.Presence;

/// <summary>Knows who is present in which channel, on all nodes.</summary>
/// <remarks>
/// Each member belongs to the node where it joined; it goes when it leaves, when its time runs out, or within 30 seconds when its node is
/// gone. Every node knows all members, so that asking costs nothing; changes of other nodes arrive with the delay of the backplane.
/// </remarks>
public interface IPresence
{
    /// <summary>Brings a member in, or changes its state and prolongs its time.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="member">The member's name, unique in the channel.</param>
    /// <param name="state">What it says of itself: UTF-8 JSON, at most 64 KB.</param>
    /// <param name="expiry">After which time it goes unless it joins again; null to stay until it leaves.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when this node knows it and the others are being told.</returns>
    /// <exception cref="ArgumentException">The state is no JSON or too large.</exception>
    ValueTask JoinAsync(
        string channel, string member, ReadOnlyMemory<byte> state, TimeSpan? expiry = null, CancellationToken cancellationToken = default);

    /// <summary>Lets a member of this node go. Nothing happens if it is not there.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="member">The member's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when this node knows it and the others are being told.</returns>
    ValueTask LeaveAsync(string channel, string member, CancellationToken cancellationToken = default);

    /// <summary>Who is present.</summary>
    /// <param name="channel">The channel.</param>
    /// <returns>The members, in the order in which they came.</returns>
    IReadOnlyList<PresenceMember> List(string channel);

    /// <summary>Who is present in every channel whose name begins in some way.</summary>
    /// <param name="prefix">The beginning; empty for all channels.</param>
    /// <returns>The members by channel.</returns>
    IReadOnlyDictionary<string, IReadOnlyList<PresenceMember>> ListAll(string prefix);

    /// <summary>Reports changes, beginning with those after the call of <c>MoveNextAsync</c>.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The changes in order. Ends early when the reader falls 10,000 changes behind; list and watch again.</returns>
    IAsyncEnumerable<PresenceChange> WatchAsync(string channel, CancellationToken cancellationToken = default);
}
