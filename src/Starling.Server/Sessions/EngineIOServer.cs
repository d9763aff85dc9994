using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Starling.Protocol.EngineIo;
using Starling.Server.Diagnostics;
using Starling.Server.Transports;

namespace Starling.Server.Sessions;

/// <summary>
/// An Engine.IO server at one path: opens sessions, routes every request to its session, and drains at shutdown.
/// Applications that speak Socket.IO use <see cref="Sockets.SocketIOServer"/>, which stands on this one.
/// </summary>
public sealed class EngineIOServer : IDisposable
{
    // For handlers to end, for a POST that is under way. A WebSocket whose client does not answer its close is cut after 5 s.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GoneLimit = TimeSpan.FromSeconds(8);

    private readonly EngineIOOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ServerMetrics _metrics;
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly HandshakeLimits _limits;
    private readonly TimerWheel _wheel;
    private readonly SessionHost _host;
    private readonly TransportSettings _settings;
    private Func<Session, ISessionConsumer> _consumers;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _draining;
    private int _drains;

    internal EngineIOServer(EngineIOOptions options, TimeProvider time, ServerMetrics metrics, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _limits = new HandshakeLimits(options, time);
        _wheel = new TimerWheel(time, Tick(options), logger.TimerFailed);
        _settings = TransportSettings.Of(options, _wheel);
        _host = new SessionHost
        {
            Wheel = _wheel,
            Metrics = metrics,
            Logger = logger,
            PingInterval = options.PingInterval,
            PingTimeout = options.PingTimeout,
            WaitsForSlowClients = options.SlowClients == SlowClientPolicy.Wait,
            SessionEnded = OnSessionEnded,
            Forget = session => _sessions.TryRemove(session.Id, out _),
        };
        _consumers = _ => throw new InvalidOperationException("No session handler is set; call OnSession first.");
    }

    /// <summary>Sessions that are open.</summary>
    public int SessionCount => _limits.Sessions;

    /// <summary>The routes of the server, so that conventions such as <c>RequireAuthorization</c> can be added.</summary>
    public IEndpointConventionBuilder Endpoint { get => field ?? throw new InvalidOperationException("The server is not mapped."); internal set; }

    internal IEnumerable<Session> Sessions => _sessions.Values;

    internal TimerWheel Wheel => _wheel;

    internal bool IsDraining => _draining;

    /// <summary>Sets what happens when a session opens. To be called once, before the first request.</summary>
    /// <param name="configure">Runs for each session, before its first message; sets the session's handlers.</param>
    public void OnSession(Action<Session, SessionHandlers> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Consume(session =>
        {
            var handlers = new SessionHandlers(_logger);
            configure(session, handlers);
            return handlers;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseAll(DisconnectReason.ServerShuttingDown);
        _wheel.Dispose();
    }

    internal void Consume(Func<Session, ISessionConsumer> consumers) => _consumers = consumers;

    /// <summary>Refuses new sessions and ends the open ones; clients come back, to another node or to the restarted one.</summary>
    internal void Drain()
    {
        if (Interlocked.Exchange(ref _drains, 1) != 0)
        {
            return;
        }

        _draining = true;
        _logger.Draining(SessionCount);
        foreach (var session in _sessions.Values)
        {
            _ = session.LeaveAsync(Patience, _time);
        }

        CompleteIfGone();
    }

    /// <summary>Completes when all sessions have ended after <see cref="Drain"/>, or the time for that is over.</summary>
    internal Task WhenGoneAsync(CancellationToken cancellationToken) => _gone.Task.WaitAsync(GoneLimit, _time, cancellationToken);

    internal Task HandleAsync(HttpContext context) =>
        _options.Cors is { } policy ? HandleCrossOriginAsync(policy, context) : RouteAsync(context);

    private async Task HandleCrossOriginAsync(CorsPolicy policy, HttpContext context)
    {
        if (!await CrossOrigin.HandleAsync(policy, context))
        {
            await RouteAsync(context);
        }
    }

    // Not async: every async method on the way to a WebSocket's loop keeps an object for as long as the connection lasts.
    private Task RouteAsync(HttpContext context)
    {
        var request = EngineRequest.Parse(context, _options);
        var known = request.SessionId is { } id && _sessions.TryGetValue(id, out var found) ? found : null;
        if (known is { IsClosed: false, Heartbeat.IsOver: true } && !request.IsWebSocket && HttpMethods.IsGet(request.Method))
        {
            // A poll is not an answer to a ping. It must not find the session because the timer, or this process, is slow.
            known.Close(DisconnectReason.PingTimeout);
        }

        if (known is { IsClosed: true, CloseReason: { } reason } && SessionHost.LingerAfter(reason) is null)
        {
            // It is about to leave the table.
            known = null;
        }

        if (request.Check(known) is { } error)
        {
            return RefuseAsync(context, error);
        }

        if (known is null)
        {
            return AdmitAndOpenAsync(context, request);
        }

        if (request.IsWebSocket)
        {
            return UpgradeAsync(context, known, request);
        }

        return HttpMethods.IsGet(context.Request.Method)
            ? known.HandleGetAsync(context, known.Polling!)
            : known.HandlePostAsync(context, known.Polling!);
    }

    // A tick small against the intervals keeps the promises that the handshake makes; a large one costs nothing when idle.
    private static TimeSpan Tick(EngineIOOptions options)
    {
        var shortest = Math.Min(options.PingInterval.TotalMilliseconds, options.PingTimeout.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Clamp(shortest / 40, 5, 50));
    }

    private Task AdmitAndOpenAsync(HttpContext context, EngineRequest request)
    {
        if (_draining)
        {
            return RefuseAsync(context, EngineErrors.Draining);
        }

        return _options.AllowRequest is { } allow ? AskAndOpenAsync(allow, context, request) : OpenAsync(context, request);
    }

    private async Task AskAndOpenAsync(
        Func<HttpContext, CancellationToken, ValueTask<HandshakeDecision>> allow, HttpContext context, EngineRequest request)
    {
        var decision = await allow(context, context.RequestAborted);
        if (decision.IsAllowed)
        {
            await OpenAsync(context, request);
            return;
        }

        await RefuseAsync(
            context, decision.Message is { } message ? EngineErrors.Forbidden with { Message = message } : EngineErrors.Forbidden);
    }

    private Task OpenAsync(HttpContext context, EngineRequest request)
    {
        if (_limits.TryEnter(context.Connection.RemoteIpAddress) is { } limit)
        {
            return RefuseAsync(context, limit);
        }

        return request.IsWebSocket ? OpenWebSocketAsync(context, request) : OpenPollingAsync(context, request);
    }

    private async Task OpenPollingAsync(HttpContext context, EngineRequest request)
    {
        var polling = new PollingTransport(request.PollingFormat, _settings);
        var id = SessionIds.Create();
        try
        {
            AddHandshakeHeaders(context, id);
        }
        catch
        {
            _limits.Leave(context.Connection.RemoteIpAddress);
            throw;
        }

        var session = CreateSession(id, context, request, polling);
        session.Polling = polling;
        polling.SendPacket(PacketType.Open, OpenPacketOf(session, withUpgrades: true));
        Start(session);
        await session.HandleGetAsync(context, polling);
    }

    private async Task OpenWebSocketAsync(HttpContext context, EngineRequest request)
    {
        var id = SessionIds.Create();
        var address = context.Connection.RemoteIpAddress;
        WebSocketTransport? webSocket = null;
        try
        {
            AddHandshakeHeaders(context, id);
            webSocket = await WebSocketTransport.AcceptAsync(context, _settings, request.Version, request.Base64);
        }
        finally
        {
            // Refused, the client vanished in the middle of the handshake, or the application's hook failed.
            if (webSocket is null)
            {
                _limits.Leave(address);
            }
        }

        if (webSocket is null)
        {
            return;
        }

        var session = CreateSession(id, context, request, webSocket);
        webSocket.Attach(session, context);
        await webSocket.ServeAsync(() =>
        {
            webSocket.SendPacket(PacketType.Open, OpenPacketOf(session, withUpgrades: false));
            Start(session);
        });
    }

    private async Task UpgradeAsync(HttpContext context, Session session, EngineRequest request)
    {
        var mayUpgrade = session.TryBeginUpgrade();
        WebSocketTransport? webSocket = null;
        try
        {
            webSocket = await WebSocketTransport.AcceptAsync(context, _settings, session.ProtocolVersion, request.Base64);
        }
        finally
        {
            // Refused, or the client vanished in the middle of the handshake: it may try again.
            if (webSocket is null && mayUpgrade)
            {
                session.AbandonUpgrade();
            }
        }

        if (webSocket is null)
        {
            return;
        }

        if (mayUpgrade)
        {
            webSocket.Attach(new UpgradeProbe(session, session.Polling!, webSocket, _wheel, _options.UpgradeTimeout), context);
            await webSocket.ServeAsync(static () => { });
        }
        else
        {
            // The session is on its way to another WebSocket, or already on it; it must not suffer from this one.
            await webSocket.ServeAsync(webSocket.Close);
        }
    }

    private Session CreateSession(string id, HttpContext context, EngineRequest request, ITransport transport)
    {
        var handshake = new Handshake(context, _time.GetUtcNow());
        var session = new Session(id, request.Version, handshake, _host, transport);
        _metrics.SessionOpened(transport.Name);
        _logger.SessionOpened(session.Id, transport.Name, request.Version, handshake.Address);
        return session;
    }

    private void Start(Session session)
    {
        ISessionConsumer consumer;
        try
        {
            consumer = _consumers(session);
        }
        catch
        {
            OnSessionEnded(session, DisconnectReason.TransportError);
            throw;
        }

        _sessions[session.Id] = session;
        session.Open(consumer);
        if (_draining)
        {
            session.Close(DisconnectReason.ServerShuttingDown);
        }
    }

    private void AddHandshakeHeaders(HttpContext context, string sessionId)
    {
        if (_options.Cookie is { } cookie)
        {
            context.Response.Cookies.Append(cookie.Name ?? "io", sessionId, cookie.Build(context, _time.GetUtcNow()));
        }

        _options.OnHandshakeResponse?.Invoke(context, sessionId);
    }

    private byte[] OpenPacketOf(Session session, bool withUpgrades) => OpenPacket.Create(
        session.Id, _options, withUpgrades && _options.AllowUpgrades && (_options.Transports & SessionTransports.WebSocket) != 0);

    private Task RefuseAsync(HttpContext context, EngineError error)
    {
        _metrics.Refused(error);
        _logger.RequestRefused(
            error.Code, error.Message, context.Request.Method, context.Request.Path, context.Connection.RemoteIpAddress?.ToString() ?? "-");
        return error.WriteAsync(context);
    }

    private void OnSessionEnded(Session session, DisconnectReason reason)
    {
        _limits.Leave(session.Handshake.Address);
        CompleteIfGone();
        _metrics.SessionEnded(reason);
        _logger.SessionEnded(session.Id, reason);
        if (reason == DisconnectReason.SlowClient)
        {
            _logger.SlowClient(session.Id, _options.MaxSendQueueBytes);
        }
    }

    private void CompleteIfGone()
    {
        if (_draining && SessionCount == 0)
        {
            _gone.TrySetResult();
        }
    }

    private void CloseAll(DisconnectReason reason)
    {
        foreach (var session in _sessions.Values)
        {
            session.Close(reason);
        }
    }
}
