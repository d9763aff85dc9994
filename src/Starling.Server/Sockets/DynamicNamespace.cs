using System.Collections.Concurrent;
using Starling.Server.Rooms;
using Starling.Server.Sessions;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets;

/// <summary>
/// Namespaces that are made when a client asks for a name that fits. They share the handlers and middleware that are set here; sending here
/// sends to all of them.
/// </summary>
public sealed class DynamicNamespace : INamespace, IBroadcastDomain
{
    private readonly SocketIOServer _server;
    private readonly Func<NamespaceRequest, ValueTask<bool>> _accepts;
    private readonly ConcurrentDictionary<string, Namespace> _children = new(StringComparer.Ordinal);

    internal DynamicNamespace(SocketIOServer server, Func<NamespaceRequest, ValueTask<bool>> accepts)
    {
        _server = server;
        _accepts = accepts;
    }

    /// <summary>The namespaces that were made so far.</summary>
    public IReadOnlyCollection<Namespace> Children => [.. _children.Values];

    internal SocketHandlers Handlers { get; } = new();

    internal ConnectHandlers ConnectHandlers { get; } = new();

    SocketHandlers INamespace.Handlers => Handlers;

    ConnectHandlers INamespace.ConnectHandlers => ConnectHandlers;

    BroadcastOperator INamespace.Everyone => new(this, BroadcastTarget.Everyone);

    private IEnumerable<IBroadcastDomain> Domains => _children.Values;

    ValueTask IEmitter.EmitAsync<TArguments>(string name, TArguments arguments, CancellationToken cancellationToken) =>
        BroadcastAsync(name, arguments, BroadcastTarget.Everyone, BroadcastFlags.None, cancellationToken);

    /// <inheritdoc/>
    ValueTask IBroadcastDomain.BroadcastAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, CancellationToken cancellationToken) =>
        BroadcastAsync(name, arguments, target, flags, cancellationToken);

    async Task<(List<EventArguments> Answers, int Missing)> IBroadcastDomain.BroadcastWithAckAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(Domains.Select(
            child => child.BroadcastWithAckAsync(name, arguments, target, flags, timeout, cancellationToken)));
        return (parts.SelectMany(static part => part.Answers).ToList(), parts.Sum(static part => part.Missing));
    }

    async Task<IReadOnlyList<RemoteSocket>> IBroadcastDomain.FetchSocketsAsync(
        BroadcastTarget target, BroadcastFlags flags, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(Domains.Select(child => child.FetchSocketsAsync(target, flags, timeout, cancellationToken)));
        return parts.SelectMany(static part => part).ToList();
    }

    ValueTask IBroadcastDomain.JoinAsync(BroadcastTarget target, BroadcastFlags flags, string[] rooms) =>
        ForEachAsync(child => child.JoinAsync(target, flags, rooms));

    ValueTask IBroadcastDomain.LeaveAsync(BroadcastTarget target, BroadcastFlags flags, string[] rooms) =>
        ForEachAsync(child => child.LeaveAsync(target, flags, rooms));

    ValueTask IBroadcastDomain.DisconnectAsync(BroadcastTarget target, BroadcastFlags flags, bool close) =>
        ForEachAsync(child => child.DisconnectAsync(target, flags, close));

    internal ValueTask<bool> AcceptsAsync(NamespaceRequest request) => _accepts(request);

    internal async ValueTask<Namespace> GetOrCreateAsync(string name)
    {
        if (_children.TryGetValue(name, out var present))
        {
            return present;
        }

        var child = new Namespace(_server, name, this);
        await child.OpenAsync();
        var kept = _children.GetOrAdd(name, child);
        if (kept != child)
        {
            await child.CloseClusterAsync();
        }

        return kept;
    }

    internal void OnSocketLeft(Namespace child)
    {
        if (!_server.Options.CleanupEmptyChildNamespaces || child.SocketCount > 0)
        {
            return;
        }

        if (child.Recovery is { HasLost: true })
        {
            // Its clients may come back; it goes when none can any more.
            _server.Engine.Wheel.Schedule(new WheelTimer(() => OnSocketLeft(child)), _server.Options.ConnectionStateRecovery!.MaxDisconnectionDuration);
        }
        else if (_children.TryRemove(new(child.Name, child)))
        {
            _ = child.CloseClusterAsync().AsTask();
        }
    }

    private async ValueTask BroadcastAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, CancellationToken cancellationToken)
        where TArguments : struct, IArguments =>
        await ForEachAsync(child => child.BroadcastAsync(name, arguments, target, flags, cancellationToken));

    private async ValueTask ForEachAsync(Func<IBroadcastDomain, ValueTask> action)
    {
        foreach (var child in Domains)
        {
            await action(child);
        }
    }
}
