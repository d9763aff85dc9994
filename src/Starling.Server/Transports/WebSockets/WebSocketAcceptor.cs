using Microsoft.AspNetCore.Http;
using Starling.Server.Sessions;

namespace Starling.Server.Transports.WebSockets;

/// <summary>
/// Accepts plain WebSockets with Starling's own framing: a bounded send queue for each client, batched flushes, no buffer for an idle one.
/// One for each endpoint; thread-safe.
/// </summary>
/// <param name="options">Limits, subprotocols and compression.</param>
/// <param name="time">Clock of pings and time-outs.</param>
/// <exception cref="ArgumentException">A setting cannot work; the message says which and why.</exception>
public sealed class WebSocketAcceptor(WebSocketAcceptorOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly WebSocketAcceptorOptions _options = options.Checked();
    private readonly TimerWheel _wheel = new(time, Tick);

    /// <summary>Whether a request asks to become a WebSocket.</summary>
    /// <param name="context">The request.</param>
    /// <returns>Whether <see cref="AcceptAsync"/> is the way to go on.</returns>
    public static bool IsWebSocketRequest(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return WebSocketUpgrade.IsRequested(context);
    }

    /// <summary>Makes a request a WebSocket, or answers what is wrong with it.</summary>
    /// <param name="context">The request. Origin and authorisation are for the caller to check before.</param>
    /// <param name="subprotocols">
    /// The subprotocols for this request; null for those of the options. The first of the client's list that is in this one is chosen.
    /// </param>
    /// <returns>The WebSocket, to be served with <see cref="WebSocketConnection.ServeAsync"/>; null when the request was refused.</returns>
    public async ValueTask<WebSocketConnection?> AcceptAsync(HttpContext context, IReadOnlyList<string>? subprotocols = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!WebSocketUpgrade.IsRequested(context) || !WebSocketUpgrade.IsValid(context))
        {
            context.Response.StatusCode = WebSocketUpgrade.IsRequested(context)
                ? StatusCodes.Status400BadRequest
                : StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            await context.Response.WriteAsync($"This address serves WebSocket of version {WebSocketUpgrade.SupportedVersion} (RFC 6455) only.\n");
            return null;
        }

        var subprotocol = WebSocketSubprotocols.Choose(context, subprotocols ?? _options.Subprotocols);
        var accepted = await WebSocketUpgrade.AcceptAsync(context, subprotocol, _options.Compression);
        return new WebSocketConnection(accepted, _options, _wheel, context.Abort);
    }

    /// <summary>Ends the timer of pings and time-outs.</summary>
    public void Dispose() => _wheel.Dispose();
}
