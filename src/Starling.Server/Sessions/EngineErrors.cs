using Microsoft.AspNetCore.Http;

namespace Starling.Server.Sessions;

/// <summary>The catalogue of refusals. <c>docs/errors.md</c> explains each to users; numbers are never reused.</summary>
internal static class EngineErrors
{
    public static readonly EngineError UnknownTransport = new(0, "Transport unknown");
    public static readonly EngineError UnknownSession = new(1, "Session ID unknown");
    public static readonly EngineError BadHandshakeMethod = new(2, "Bad handshake method");
    public static readonly EngineError BadRequest = new(3, "Bad request");
    public static readonly EngineError Forbidden = new(4, "Forbidden", StatusCodes.Status403Forbidden);
    public static readonly EngineError UnsupportedVersion = new(5, "Unsupported protocol version");
    public static readonly EngineError TooManySessions = new(100, "Too many sessions", StatusCodes.Status503ServiceUnavailable);
    public static readonly EngineError TooManySessionsFromAddress =
        new(101, "Too many sessions from this address", StatusCodes.Status429TooManyRequests);

    public static readonly EngineError TooManyHandshakes = new(102, "Too many handshakes", StatusCodes.Status429TooManyRequests);
    public static readonly EngineError OriginNotAllowed = new(103, "Origin not allowed", StatusCodes.Status403Forbidden);
    public static readonly EngineError Draining = new(104, "Server is shutting down", StatusCodes.Status503ServiceUnavailable);
    public static readonly EngineError PayloadTooLarge = new(105, "Payload too large", StatusCodes.Status413PayloadTooLarge);

    /// <summary>The answer to a POST whose packets were all handled.</summary>
    public static Task WriteOkAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html";
        context.Response.ContentLength = 2;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync("ok"u8.ToArray(), context.RequestAborted).AsTask();
    }
}
