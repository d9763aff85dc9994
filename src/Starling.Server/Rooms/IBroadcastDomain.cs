using Starling.Server.Sockets;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Rooms;

/// <summary>Where a <see cref="BroadcastOperator"/> acts: one namespace, or all namespaces made from one dynamic name.</summary>
internal interface IBroadcastDomain
{
    ValueTask BroadcastAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, CancellationToken cancellationToken)
        where TArguments : struct, IArguments;

    /// <summary>Returns the answers that came in time and how many did not.</summary>
    Task<(List<EventArguments> Answers, int Missing)> BroadcastWithAckAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, TimeSpan? timeout, CancellationToken cancellationToken)
        where TArguments : struct, IArguments;

    Task<IReadOnlyList<RemoteSocket>> FetchSocketsAsync(
        BroadcastTarget target, BroadcastFlags flags, TimeSpan? timeout, CancellationToken cancellationToken);

    ValueTask JoinAsync(BroadcastTarget target, BroadcastFlags flags, string[] rooms);

    ValueTask LeaveAsync(BroadcastTarget target, BroadcastFlags flags, string[] rooms);

    ValueTask DisconnectAsync(BroadcastTarget target, BroadcastFlags flags, bool close);
}
