using System.Collections.Concurrent;
using System.Text.RegularExpressions;
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
    private readonly Regex? _pattern;
    private readonly ConcurrentDictionary<string, Namespace> _children = new(StringComparer.Ordinal);

    // Held when a child is made or removed: a client that is about to join must not be left in one that nobody finds any more.
    private readonly Lock _gate = new();
    private int _waitingForLost;

    internal DynamicNamespace(SocketIOServer server, Func<NamespaceRequest, ValueTask<bool>> accepts)
    {
        _server = server;
        _accepts = accepts;
    }

    internal DynamicNamespace(SocketIOServer server, Regex pattern)
        : this(server, request => new ValueTask<bool>(pattern.IsMatch(request.Name)))
    {
        _pattern = pattern;
    }

    /// <summary>The namespaces that were made so far and are still there.</summary>
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

    /// <summary>
    /// The namespace of a name for the application's own use, or null if it is not one of these. It stays, since the application may keep it.
    /// </summary>
    internal Namespace? Find(string name)
    {
        lock (_gate)
        {
            if (!_children.ContainsKey(name) && _pattern?.IsMatch(name) != true)
            {
                return null;
            }

            var child = GetOrCreate(name);
            child.IsKept = true;
            return child;
        }
    }

    /// <summary>The namespace of a name, for a client that is about to join it; to be followed by <see cref="EndJoin"/>.</summary>
    internal async ValueTask<Namespace> BeginJoinAsync(string name)
    {
        Namespace child;
        lock (_gate)
        {
            child = GetOrCreate(name);
            child.Joining++;
        }

        try
        {
            await child.OpenAsync();
            return child;
        }
        catch
        {
            // Whoever comes next tries anew.
            lock (_gate)
            {
                child.Joining--;
                _children.TryRemove(new(name, child));
            }

            throw;
        }
    }

    /// <summary>A client has joined, or may not.</summary>
    internal void EndJoin(Namespace child)
    {
        lock (_gate)
        {
            child.Joining--;
        }

        RemoveIfEmpty(child);
    }

    internal void RemoveIfEmpty(Namespace child)
    {
        if (!_server.Options.CleanupEmptyChildNamespaces)
        {
            return;
        }

        lock (_gate)
        {
            if (child.SocketCount > 0 || child.Joining > 0 || child.IsKept
                || !_children.TryGetValue(child.Name, out var present) || present != child)
            {
                return;
            }

            if (child.Recovery is { HasLost: true } && WaitForLost(child))
            {
                return;
            }

            _children.TryRemove(new(child.Name, child));
        }

        _ = child.CloseClusterAsync().AsTask();
    }

    // Under the lock. The clients of an empty namespace may come back; it goes when none can any more, or when too many wait.
    private bool WaitForLost(Namespace child)
    {
        if (child.IsWaitingForLost)
        {
            return true;
        }

        var recovery = _server.Options.ConnectionStateRecovery!;
        if (_waitingForLost >= recovery.MaxEmptyNamespaces)
        {
            // They count no longer.
            _ = child.Recovery!.HandOver();
            return false;
        }

        _waitingForLost++;
        child.IsWaitingForLost = true;
        _server.Engine.Wheel.Schedule(new WheelTimer(() => EndWait(child)), recovery.MaxDisconnectionDuration);
        return true;
    }

    private void EndWait(Namespace child)
    {
        lock (_gate)
        {
            _waitingForLost--;
            child.IsWaitingForLost = false;
        }

        RemoveIfEmpty(child);
    }

    // Under the lock.
    private Namespace GetOrCreate(string name)
    {
        if (_children.TryGetValue(name, out var present))
        {
            return present;
        }

        var child = _children[name] = new Namespace(_server, name, this);
        _server.Observe(child.OpenAsync(), name);
        return child;
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
