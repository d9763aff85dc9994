using System.Globalization;
using System.Text;
using System.Text.Json;
using Starling.Server.Sessions;

namespace Starling.Conformance.Server;

/// <summary>What the tests of engine.io-client ask for.</summary>
internal static class EngineClientServer
{
    public static Action<WebApplication> Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddEngineIO(options =>
        {
            options.PingInterval = TimeSpan.FromMilliseconds(500);
            options.MaxPayload = 100;
            options.Cors = AnyOrigin.Policy;
            options.AllowRequest = (context, _) => ValueTask.FromResult(
                context.Request.Query.ContainsKey("deny") ? HandshakeDecision.Refuse() : HandshakeDecision.Allow);
            options.OnHandshakeResponse = (context, _) => context.Response.Headers.SetCookie = new[]
            {
                "1=1; Max-Age=86400", "2=2; Path=/; HttpOnly; Secure; SameSite=Strict", "3=3; Max-Age=0",
                "4=4; Expires=" + DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture),
            };
        });
        return app => app.MapEngineIO("/engine.io").OnSession((session, handlers) =>
        {
            handlers.OnMessage((data, isBinary) => AnswerAsync(session, data, isBinary));
            _ = session.SendAsync("hi").AsTask();
        });
    }

    private static ValueTask AnswerAsync(Session session, ReadOnlyMemory<byte> data, bool isBinary)
    {
        switch (isBinary ? "" : Encoding.UTF8.GetString(data.Span))
        {
            case "give binary":
                return session.SendAsync(new byte[] { 0, 1, 2, 3, 4 });
            case "give utf8":
                return session.SendAsync("пойду спать всем спокойной ночи");
            case "sendHeaders":
                var headers = session.Request!.Request.Headers
                    .ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
                return session.SendAsync(JsonSerializer.Serialize(headers));
            default:
                return Echo.SendAsync(session, data, isBinary);
        }
    }
}
