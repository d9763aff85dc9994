using Microsoft.AspNetCore.Http;
using Starling.Protocol.WebSockets;

namespace Starling.Server.Transports;

/// <summary>Negotiates the compression of one WebSocket (RFC 7692).</summary>
internal static class MessageCompression
{
    /// <summary>Answers the client's offer in the response's headers.</summary>
    /// <returns>Whether messages may be compressed.</returns>
    public static bool Negotiate(HttpContext context)
    {
        var answer = PermessageDeflateOffer.Answer(context.Request.Headers.SecWebSocketExtensions);
        if (answer is null)
        {
            return false;
        }

        context.Response.Headers.SecWebSocketExtensions = answer;
        return true;
    }
}
