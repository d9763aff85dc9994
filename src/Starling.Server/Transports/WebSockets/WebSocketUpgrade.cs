using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rfc6455 = Starling.Protocol.WebSockets.Handshake;

namespace Starling.Server.Transports.WebSockets;

/// <summary>Turns a request into a WebSocket: RFC 6455 over HTTP/1.1, RFC 8441 over HTTP/2.</summary>
internal static class WebSocketUpgrade
{
    public const string SupportedVersion = "13";

    /// <summary>
    /// Whether the request asks to become a WebSocket, in whatever version. One that asks for another protocol is served as it is (RFC 9110,
    /// section 7.8): Java's HTTP client offers HTTP/2 with each of its requests.
    /// </summary>
    public static bool IsRequested(HttpContext context) =>
        Extended(context) is not null
        || (context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
            && context.Request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the request is a WebSocket handshake that can be accepted. If not, the headers of the refusal are set.</summary>
    public static bool IsValid(HttpContext context)
    {
        var request = context.Request;
        var valid = StringEquals(request.Headers.SecWebSocketVersion, SupportedVersion)
            && (Extended(context) is { } extended
                ? extended.Protocol == "websocket"
                : HttpMethods.IsGet(request.Method)
                    && StringEquals(request.Headers.Upgrade, "websocket")
                    && Rfc6455.IsValidKey(request.Headers.SecWebSocketKey));
        if (!valid)
        {
            context.Response.Headers.SecWebSocketVersion = SupportedVersion;
        }

        return valid;
    }

    /// <summary>Accepts a valid request and returns the bytes of its WebSocket.</summary>
    public static async ValueTask<IDuplexPipe> AcceptAsync(HttpContext context)
    {
        if (Extended(context) is { } extended)
        {
            return new StreamDuplexPipe(await extended.AcceptAsync());
        }

        var headers = context.Response.Headers;
        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = Rfc6455.Accept(context.Request.Headers.SecWebSocketKey.ToString());
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        // After the upgrade nobody else uses the connection, so that on Kestrel its own pipes serve without a stream between.
        return context.Features.Get<IConnectionTransportFeature>() is { Transport: { } transport } ? transport : new StreamDuplexPipe(stream);
    }

    private static IHttpExtendedConnectFeature? Extended(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect ? connect : null;

    private static bool StringEquals(string? value, string expected) => string.Equals(value, expected, StringComparison.OrdinalIgnoreCase);

    private sealed class StreamDuplexPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(useZeroByteReads: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream);
    }
}
