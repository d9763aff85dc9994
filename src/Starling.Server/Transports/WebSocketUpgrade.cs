using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Starling.Server.Sessions;
using Starling.Server.Transports.Detaching;
using Rfc6455 = Starling.Protocol.WebSockets.Handshake;

namespace Starling.Server.Transports;

/// <summary>Turns a request into a WebSocket: RFC 6455 over HTTP/1.1, RFC 8441 over HTTP/2.</summary>
internal sealed class WebSocketUpgrade(TransportSettings settings, bool compress)
{
    private const string SupportedVersion = "13";

    /// <summary>Accepts the request, or answers why not.</summary>
    /// <returns>The transport, or null when the request was refused.</returns>
    public async ValueTask<WebSocketTransport?> AcceptAsync(HttpContext context, int protocolVersion, bool base64)
    {
        var extended = context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect ? connect : null;
        if (!IsValid(context.Request, extended))
        {
            context.Response.Headers.SecWebSocketVersion = SupportedVersion;
            await EngineErrors.BadRequest.WriteAsync(context);
            return null;
        }

        var deflated = compress && MessageCompression.Negotiate(context);
        var connection = extended is not null ? Wrap(await extended.AcceptAsync()) : await UpgradeAsync(context);
        var detachable = connection as DetachableConnection;
        var format = (base64 ? FrameFormats.Base64 : FrameFormats.None)
            | (protocolVersion == 3 ? FrameFormats.Version3 : FrameFormats.None)
            | (deflated ? FrameFormats.Deflated : FrameFormats.None);
        return new WebSocketTransport(
            detachable?.Transport ?? connection, format, settings, detachable is null ? context.Abort : detachable.Abort)
        {
            Detachable = detachable,
        };
    }

    private static bool IsValid(HttpRequest request, IHttpExtendedConnectFeature? extended)
    {
        if (!StringEquals(request.Headers.SecWebSocketVersion, SupportedVersion))
        {
            return false;
        }

        return extended is not null
            ? extended.Protocol == "websocket"
            : HttpMethods.IsGet(request.Method)
                && StringEquals(request.Headers.Upgrade, "websocket")
                && Rfc6455.IsValidKey(request.Headers.SecWebSocketKey);
    }

    private static bool StringEquals(string? value, string expected) => string.Equals(value, expected, StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<IDuplexPipe> UpgradeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = Rfc6455.Accept(context.Request.Headers.SecWebSocketKey.ToString());
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        // After the upgrade nobody else uses the connection, so that on Kestrel its own pipes serve without a stream between.
        return context.Features.Get<IConnectionTransportFeature>() is { Transport: { } transport } ? transport : Wrap(stream);
    }

    private static StreamDuplexPipe Wrap(Stream stream) => new(stream);

    private sealed class StreamDuplexPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(useZeroByteReads: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream);
    }
}
