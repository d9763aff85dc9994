using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Backplane;
using Starling.Server.Diagnostics;
using Starling.Server.Rooms;
using Starling.Server.Sessions;
using Starling.Server.Sockets.Codecs;
using Starling.Server.Sockets.Limits;
using Starling.Server.Sockets.Payloads;
using Starling.Server.Sockets.Recovery;

namespace Starling.Server.Sockets;

/// <summary>
/// A Socket.IO server (protocol 5 over Engine.IO protocol 4). Handlers and events that are set and sent here belong to its main
/// namespace, <c>/</c>.
/// </summary>
/// <remarks>Owner: the application, for its whole life. Thread-safe. Set up before the first request.</remarks>
public sealed class SocketIOServer : INamespace
{
    private readonly ConcurrentDictionary<string, Namespace> _namespaces = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private DynamicNamespace[] _dynamic = [];

    internal SocketIOServer(
        SocketIOOptions options, EngineIOServer engine, IBackplane backplane, IServiceScopeFactory services, TimeProvider time,
        ServerMetrics metrics, ILogger logger)
    {
        Options = options;
        Engine = engine;
        Backplane = backplane;
        Services = services;
        Time = new SteadyTime(time);
        Metrics = metrics;
        Logger = logger;
        Serializer = new PayloadSerializer(
            options.JsonSerializerOptions, options.MaxJsonDepth, carriesLookalikes: options.Parser == PacketParser.MessagePack);
        Codec = options.Parser == PacketParser.MessagePack
            ? new MessagePackPacketCodec(options.MaxJsonDepth, options.MaxAttachments)
            : new JsonPacketCodec(options.MaxJsonDepth, options.MaxAttachments);
        UserBuckets = options.EffectiveUserLimit is { } limit ? new UserBuckets(limit, Time, engine.Wheel) : null;
        Main = Of("/");
        engine.Consume(Connect);
    }

    /// <summary>The Engine.IO server that carries this one.</summary>
    public EngineIOServer Engine { get; }

    /// <summary>The namespace <c>/</c>.</summary>
    public Namespace Main { get; }

    /// <summary>The sockets of the main namespace on this node, as of now.</summary>
    public IReadOnlyList<Socket> Sockets => Main.Sockets;

    SocketHandlers INamespace.Handlers => Main.Handlers;

    ConnectHandlers INamespace.ConnectHandlers => Main.ConnectHandlers;

    BroadcastOperator INamespace.Everyone => ((INamespace)Main).Everyone;

    internal SocketIOOptions Options { get; }

    internal IBackplane Backplane { get; }

    internal IServiceScopeFactory Services { get; }

    internal TimeProvider Time { get; }

    internal ServerMetrics Metrics { get; }

    internal ILogger Logger { get; }

    internal PayloadSerializer Serializer { get; }

    internal IPacketCodec Codec { get; }

    /// <summary>Counts the events of users; null if they have no limit.</summary>
    internal UserBuckets? UserBuckets { get; }

    /// <summary>
    /// Gets a namespace; it exists from the first call on. A name that fits the pattern of a dynamic namespace, or that one has made
    /// already, is the one that clients of that name are in.
    /// </summary>
    /// <param name="name">Its name; a leading slash is added when missing.</param>
    /// <returns>The namespace.</returns>
    public Namespace Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        name = name.StartsWith('/') ? name : "/" + name;
        if (_namespaces.TryGetValue(name, out var present))
        {
            return present;
        }

        foreach (var dynamic in _dynamic)
        {
            if (dynamic.Find(name) is { } child)
            {
                return child;
            }
        }

        return _namespaces.GetOrAdd(name, static (name, server) =>
        {
            var created = new Namespace(server, name, parent: null);
            server.Observe(created.OpenAsync(), name);
            return created;
        }, this);
    }

    /// <summary>Serves every namespace whose name fits a pattern; each is made when a client first asks for it.</summary>
    /// <param name="pattern">The pattern, for example <c>^/board-\d+$</c>.</param>
    /// <returns>What these namespaces share.</returns>
    public DynamicNamespace Of(Regex pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return Add(new DynamicNamespace(this, pattern));
    }

    /// <summary>Serves every namespace that a predicate accepts; each is made when a client first asks for it.</summary>
    /// <param name="accepts">Decides by name, handshake and what the client sent.</param>
    /// <returns>What these namespaces share.</returns>
    public DynamicNamespace Of(Func<NamespaceRequest, ValueTask<bool>> accepts)
    {
        ArgumentNullException.ThrowIfNull(accepts);
        return Add(new DynamicNamespace(this, accepts));
    }

    ValueTask IEmitter.EmitAsync<TArguments>(string name, TArguments arguments, CancellationToken cancellationToken) =>
        ((IEmitter)Main).EmitAsync(name, arguments, cancellationToken);

    /// <summary>
    /// Finds the namespace that a client asks for, or makes it if a dynamic one accepts its name; to be followed by
    /// <see cref="Namespace.EndJoin"/>.
    /// </summary>
    internal async ValueTask<Namespace?> FindNamespaceAsync(string name, Session session, ReadOnlyMemory<byte> auth)
    {
        if (_namespaces.TryGetValue(name, out var found))
        {
            return found;
        }

        var dynamics = _dynamic;
        if (dynamics.Length == 0)
        {
            return null;
        }

        var request = new NamespaceRequest(name, session.Handshake, JsonElement.Parse(auth.IsEmpty ? "{}"u8 : auth.Span));
        foreach (var dynamic in dynamics)
        {
            if (await dynamic.AcceptsAsync(request))
            {
                return await dynamic.BeginJoinAsync(name);
            }
        }

        return null;
    }

    /// <summary>Gives the lost sockets of all namespaces to other nodes; takes a bounded time and never throws.</summary>
    internal Task HandOverAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_namespaces.Values.Concat(_dynamic.SelectMany(static dynamic => dynamic.Children))
            .Select(owner => HandOverAsync(owner, cancellationToken)));

    private async Task HandOverAsync(Namespace owner, CancellationToken cancellationToken)
    {
        if (owner.ClusterRecovery is not { } recovery)
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(HandOver.Limit);
        try
        {
            await recovery.HandOverAsync(limit.Token);
        }
        catch (Exception exception)
        {
            Logger.RecoveryNotHandedOver(exception, owner.Name);
        }
    }

    private DynamicNamespace Add(DynamicNamespace dynamic)
    {
        lock (_gate)
        {
            _dynamic = [.. _dynamic, dynamic];
        }

        return dynamic;
    }

    private SocketIOConnection Connect(Session session)
    {
        var connection = new SocketIOConnection(this, session);
        connection.JoinMainIfVersion3();
        return connection;
    }

    internal void Observe(Task opening, string name) => opening.ContinueWith(
        task => Logger.BackplaneSubscriptionFailed(task.Exception!, name),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
