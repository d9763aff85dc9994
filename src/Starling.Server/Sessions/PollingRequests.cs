using Microsoft.AspNetCore.Http;
using Starling.Protocol.EngineIo;
using Starling.Server.Transports;

namespace Starling.Server.Sessions;

/// <summary>The requests of a client that polls, and what follows for its session from how they end.</summary>
internal static class PollingRequests
{
    public static async Task HandleGetAsync(this Session session, HttpContext context, PollingTransport polling)
    {
        switch (await polling.GetAsync(context))
        {
            case PollingTransport.Outcome.Overlap:
                session.Close(DisconnectReason.TransportError);
                await EngineErrors.BadRequest.WriteAsync(context);
                break;
            case PollingTransport.Outcome.Aborted:
                session.Close(DisconnectReason.TransportError);
                break;
        }

        if (session.IsClosed && !polling.HasUnsentEnd)
        {
            session.Forget();
        }
    }

    public static async Task HandlePostAsync(this Session session, HttpContext context, PollingTransport polling)
    {
        var outcome = await polling.PostAsync(context, packet => ReceiveAsync(session, context, polling, packet));
        switch (outcome)
        {
            case PollingTransport.Outcome.Done:
                await EngineErrors.WriteOkAsync(context);
                return;
            case PollingTransport.Outcome.TooLarge:
                // Not an end by itself: a close packet would overtake this answer, and the client would not learn what was wrong.
                session.Host.Metrics.Refused(EngineErrors.PayloadTooLarge);
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                context.Response.Headers.Connection = "close";
                return;
            case PollingTransport.Outcome.Aborted:
                session.Close(DisconnectReason.TransportError);
                return;
            default:
                session.Close(outcome == PollingTransport.Outcome.Malformed ? DisconnectReason.ParseError : DisconnectReason.TransportError);
                await EngineErrors.BadRequest.WriteAsync(context);
                return;
        }
    }

    private static async ValueTask ReceiveAsync(Session session, HttpContext context, PollingTransport polling, Packet packet)
    {
        // Before and not after: the answer to a POST must not wait for a GET that the client sends once it has that.
        if (polling.IsBehind)
        {
            await polling.WaitForRoomAsync(context.RequestAborted);
            session.Heartbeat.Extend();
        }

        await session.OnPacketAsync(packet, context);
    }
}
