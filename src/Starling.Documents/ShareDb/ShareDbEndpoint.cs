using Microsoft.AspNetCore.Http;
using Starling.Documents.Diagnostics;
using Starling.Documents.Middleware;
using Starling.Server.Transports.WebSockets;

namespace Starling.Documents.ShareDb;

/// <summary>Accepts the clients of one path. Thread-safe.</summary>
internal sealed class ShareDbEndpoint(ShareDbServer server) : IDisposable
{
    private readonly WebSocketAcceptor _acceptor = new(
        server.Options.WebSocket with { OversizedHeadBytes = Math.Max(server.Options.WebSocket.OversizedHeadBytes, 8 * 1024) }, server.Time);
    private readonly Lock _gate = new();
    private readonly HashSet<ShareDbAgent> _agents = [];
    private Task<SourceIds>? _sources;
    private bool _draining;

    public async Task HandleAsync(HttpContext context)
    {
        if (_draining || !IsAllowedOrigin(context.Request))
        {
            context.Response.StatusCode = _draining ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(_draining ? "The server is shutting down.\n" : "Pages of this origin may not connect.\n");
            return;
        }

        var sources = await SourcesAsync();
        var session = new DocumentSession("", context.User, server.Services);
        var id = sources.Issue(session.UserId);
        session.Source = sources.Publish(id);
        try
        {
            await server.Documents.Middleware.Connect.RunAsync(new ConnectContext(session, context), context.RequestAborted);
        }
        catch (DocumentException refusal)
        {
            server.Log.ConnectRefused(session.Source, refusal.Message);
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(refusal.Message + "\n");
            return;
        }

        if (await _acceptor.AcceptAsync(context) is { } connection)
        {
            var agent = new ShareDbAgent(server, sources, connection, session, id, Remove);
            lock (_gate)
            {
                _agents.Add(agent);
            }

            await connection.ServeAsync(agent, agent.Open);
        }
    }

    /// <summary>Takes no more clients and tells those that there are to go.</summary>
    public void Drain()
    {
        ShareDbAgent[] agents;
        lock (_gate)
        {
            _draining = true;
            agents = [.. _agents];
        }

        foreach (var agent in agents)
        {
            agent.GoAway();
        }
    }

    public void Dispose() => _acceptor.Dispose();

    private void Remove(ShareDbAgent agent)
    {
        lock (_gate)
        {
            _agents.Remove(agent);
        }
    }

    // A failed attempt is not kept, so that the next client tries anew.
    private Task<SourceIds> SourcesAsync()
    {
        lock (_gate)
        {
            return _sources is { IsFaulted: false, IsCanceled: false }
                ? _sources
                : _sources = SourceIds.OpenAsync(server.Engine.Services.Store, server.Options.BindSources, CancellationToken.None);
        }
    }

    // Programs send no origin; pages cannot leave theirs out.
    private bool IsAllowedOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || (server.Options.AllowedOrigins is { } allowed
                ? allowed.Contains("*") || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase)
                : Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                    && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
