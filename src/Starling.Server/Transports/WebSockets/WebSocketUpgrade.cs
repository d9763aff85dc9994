using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rfc6455 = Starling.Protocol.WebSockets.Handshake;

namespace Starling.Server.Transports.WebSockets;

/// <summary>
/// Turns a request into a WebSocket: RFC 6455 over HTTP/1.1, RFC 8441 over HTTP/2, and, on servers such as ASP.NET Core's
/// <c>TestServer</c> that give no bytes, over the messages of their WebSocket.
/// </summary>
internal static class WebSocketUpgrade
{
    public const string SupportedVersion = "13";

    private const string Protocol = "websocket";

    /// <summary>
    /// Whether the request asks to become a WebSocket, in whatever version. One that asks for another protocol is served as it is (RFC 9110,
    /// section 7.8): Java's HTTP client offers HTTP/2 with each of its requests.
    /// </summary>
    public static bool IsRequested(HttpContext context) =>
        Extended(context) is not null
        || (context.Request.Headers.Upgrade.ToString().Contains(Protocol, StringComparison.OrdinalIgnoreCase)
            && (IsUpgradable(context) || Messages(context) is not null));

    /// <summary>Whether the request is a WebSocket handshake that can be accepted. If not, the headers of the refusal are set.</summary>
    public static bool IsValid(HttpContext context)
    {
        var request = context.Request;
        var valid = StringEquals(request.Headers.SecWebSocketVersion, SupportedVersion)
            && (Extended(context) is { } extended
                ? extended.Protocol == Protocol
                : HttpMethods.IsGet(request.Method)
                    && StringEquals(request.Headers.Upgrade, Protocol)
                    && Rfc6455.IsValidKey(request.Headers.SecWebSocketKey));
        if (!valid)
        {
            context.Response.Headers.SecWebSocketVersion = SupportedVersion;
        }

        return valid;
    }

    /// <summary>Accepts a valid request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="subprotocol">The subprotocol to answer with, or null.</param>
    /// <param name="compress">Whether to compress messages if the client offers it.</param>
    public static async ValueTask<AcceptedWebSocket> AcceptAsync(HttpContext context, string? subprotocol, bool compress)
    {
        var extended = Extended(context);
        if (extended is null && !IsUpgradable(context))
        {
            var socket = await Messages(context)!.AcceptAsync(new WebSocketAcceptContext { SubProtocol = subprotocol });
            return new AcceptedWebSocket(FramedWebSocket.Create(socket, context), subprotocol);
        }

        var headers = context.Response.Headers;
        if (subprotocol is not null)
        {
            headers.SecWebSocketProtocol = subprotocol;
        }

        var isDeflated = compress && MessageCompression.Negotiate(context);
        if (extended is not null)
        {
            return new AcceptedWebSocket(new StreamDuplexPipe(await extended.AcceptAsync()), subprotocol, isDeflated);
        }

        headers.Connection = "Upgrade";
        headers.Upgrade = Protocol;
        headers.SecWebSocketAccept = Rfc6455.Accept(context.Request.Headers.SecWebSocketKey.ToString());
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        // After the upgrade nobody else uses the connection, so that on Kestrel its own pipes serve without a stream between.
        var own = context.Features.Get<IConnectionTransportFeature>()?.Transport;
        return new AcceptedWebSocket(own ?? new StreamDuplexPipe(stream), subprotocol, isDeflated);
    }

    private static bool IsUpgradable(HttpContext context) => context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;

    private static IHttpExtendedConnectFeature? Extended(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect ? connect : null;

    private static IHttpWebSocketFeature? Messages(HttpContext context) =>
        context.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true } feature ? feature : null;

    private static bool StringEquals(string? value, string expected) => string.Equals(value, expected, StringComparison.OrdinalIgnoreCase);

    private sealed class StreamDuplexPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(useZeroByteReads: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream);
    }
}
