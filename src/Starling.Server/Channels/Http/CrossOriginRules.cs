using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Starling.Server.Channels.Http;

/// <summary>Which pages of other origins may use the hub: with credentials only those that are named (Mercure, section "Subscription").</summary>
internal sealed class CrossOriginRules(ChannelOptions options)
{
    private const string Exposed = "Link, Mercure-Last-Event-ID, WWW-Authenticate, Retry-After";
    private const string Wildcard = "*";

    /// <summary>Adds the headers.</summary>
    /// <returns>Whether the request was a preflight and is answered.</returns>
    public bool Apply(HttpContext context)
    {
        var request = context.Request;
        var headers = context.Response.Headers;
        if (request.Headers.Origin is [{ Length: > 0 } origin] && options.AllowedOrigins.Count > 0)
        {
            headers.Append(HeaderNames.Vary, HeaderNames.Origin);
            if (options.AllowedOrigins.Contains(origin))
            {
                headers.AccessControlAllowOrigin = origin;
                headers.AccessControlAllowCredentials = "true";
                headers.AccessControlExposeHeaders = Exposed;
            }
            else if (options.AllowedOrigins.Contains(Wildcard))
            {
                headers.AccessControlAllowOrigin = Wildcard;
                headers.AccessControlExposeHeaders = Exposed;
            }
        }

        if (!HttpMethods.IsOptions(request.Method))
        {
            return false;
        }

        headers.AccessControlAllowMethods = "GET, POST";
        headers.AccessControlAllowHeaders = "Authorization, Cache-Control, Content-Type, Last-Event-ID";
        headers.AccessControlMaxAge = "86400";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    /// <summary>Refuses WebSockets of pages of other origins: browsers send cookies with them and read what they bring, without CORS.</summary>
    /// <exception cref="ChannelRefusal">The page may not use the hub.</exception>
    public void CheckWebSocket(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host}"
            && !options.AllowedOrigins.Contains(origin) && !options.AllowedOrigins.Contains(Wildcard))
        {
            throw new ChannelRefusal(ChannelError.OriginRefused);
        }
    }
}
