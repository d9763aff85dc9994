using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Starling.Server.Sessions;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Transports;

/// <summary>The part of a request that Engine.IO looks at, and the checks that come before any session sees it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Transport">The transport asked for, or null.</param>
/// <param name="SessionId">The session meant, or null for a handshake.</param>
/// <param name="Version">The protocol version; 3 when none is given.</param>
/// <param name="Base64">Whether the client cannot read binary frames.</param>
/// <param name="HasUpgrade">Whether the request asks to become a WebSocket.</param>
/// <param name="Origin">The origin of the page that sent it, or null.</param>
/// <param name="Options">The server's settings.</param>
internal sealed record EngineRequest(
    string Method, string? Transport, string? SessionId, int Version, bool Base64, bool HasUpgrade, string? Origin, EngineIOOptions Options)
{
    public bool IsWebSocket => HasUpgrade;

    public PollingFormat PollingFormat =>
        Version == 4 ? PollingFormat.Version4 : Base64 ? PollingFormat.Version3Base64 : PollingFormat.Version3;

    public static EngineRequest Parse(HttpContext context, EngineIOOptions options)
    {
        string? transport = null;
        string? sessionId = null;
        string? version = null;
        var base64 = false;

        // The parsed collection of the request would stay as long as its WebSocket.
        foreach (var item in new QueryStringEnumerable(context.Request.QueryString.Value))
        {
            switch (item.EncodedName.Span)
            {
                case "transport":
                    transport ??= TransportNames.Intern(item.DecodeValue().Span);
                    break;
                case "sid":
                    sessionId ??= item.DecodeValue().ToString();
                    break;
                case "EIO":
                    version ??= item.DecodeValue().ToString();
                    break;
                case "b64":
                    base64 = true;
                    break;
            }
        }

        var origin = context.Request.Headers.Origin;
        return new EngineRequest(
            context.Request.Method, transport, sessionId, ParseVersion(version), base64, WebSocketUpgrade.IsRequested(context),
            origin.Count > 0 ? origin[0] : null, options);
    }

    /// <summary>What is wrong with the request, or null. The order is that of the reference server.</summary>
    public EngineError? Check(Session? known)
    {
        if (Transport is not (TransportNames.Polling or TransportNames.WebSocket) || !IsEnabled(Transport))
        {
            return EngineErrors.UnknownTransport;
        }

        if (Origin is not null && Options.AllowedOrigins is { } allowed && !allowed.Contains(Origin))
        {
            return EngineErrors.OriginNotAllowed;
        }

        return SessionId is null ? CheckHandshake() : CheckSession(known);
    }

    private EngineError? CheckSession(Session? known)
    {
        if (known is null)
        {
            return EngineErrors.UnknownSession;
        }

        var isUpgrade = Transport == TransportNames.WebSocket && HasUpgrade;
        var fits = isUpgrade ? Options.AllowUpgrades : Transport == known.TransportName && !HasUpgrade && Transport == TransportNames.Polling;
        var method = isUpgrade || HttpMethods.IsGet(Method) || HttpMethods.IsPost(Method);
        return fits && method ? null : EngineErrors.BadRequest;
    }

    private EngineError? CheckHandshake()
    {
        if (Transport == TransportNames.WebSocket ? !HasUpgrade : !HttpMethods.IsGet(Method))
        {
            return Transport == TransportNames.WebSocket ? EngineErrors.BadRequest : EngineErrors.BadHandshakeMethod;
        }

        if (Transport == TransportNames.Polling && HasUpgrade)
        {
            return EngineErrors.BadRequest;
        }

        return Version == 4 || (Version == 3 && Options.AllowEIO3) ? null : EngineErrors.UnsupportedVersion;
    }

    private bool IsEnabled(string transport) =>
        (Options.Transports & (transport == TransportNames.Polling ? SessionTransports.Polling : SessionTransports.WebSocket)) != 0;

    // A request without a version comes from a client of version 3 or older.
    private static int ParseVersion(string? version) => version switch { "4" => 4, null or "3" => 3, _ => 0 };
}
