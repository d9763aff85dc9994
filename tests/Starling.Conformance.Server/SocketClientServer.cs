using System.Globalization;
using System.Text;
using System.Text.Json;
using Starling.Server.Sessions;
using Starling.Server.Sockets;

namespace Starling.Conformance.Server;

/// <summary>What the tests of socket.io-client ask for.</summary>
internal static class SocketClientServer
{
    private static readonly string[] Utf8Texts = ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"];

    public static Action<WebApplication> Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddSocketIO(options =>
        {
            options.PingInterval = TimeSpan.FromMilliseconds(2000);
            options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
            options.Cors = AnyOrigin.Policy;
            options.AllowRequest = async (_, cancellationToken) =>
            {
                await Task.Delay(10, cancellationToken);
                return HandshakeDecision.Allow;
            };
        });
        return app => Map(app.MapSocketIO());
    }

    private static void Map(SocketIOServer io)
    {
        io.Use((socket, _) => socket.Handshake.Query["fail"].Count > 0
            ? throw new ConnectRefusedException("Auth failed (main namespace)")
            : ValueTask.CompletedTask);
        io.Of("/foo").OnRequest("getId", socket => Task.FromResult(socket.Id));
        io.Of("/timeout_socket");
        io.Of("/valid");
        io.Of("/asd");
        io.Of("/abc").OnConnection(socket => socket.EmitAsync("handshake", Describe(socket)).AsTask());
        io.Of("/no").Use((_, _) => throw new ConnectRefusedException("Auth failed (custom namespace)"));

        io.On("hi", socket => socket.EmitAsync("hi").AsTask());
        io.OnRequest<JsonElement, JsonElement>("echo", (_, value) => Task.FromResult(value));

        // Not awaited: events of one socket are handled one after the other, and the client may never answer.
        io.On("ack", socket => { _ = AskAsync(socket); });
        io.OnRequest<JsonElement, string>("getAckDate", (_, _) => Task.FromResult(IsoNow()));
        io.On("getDate", socket => socket.EmitAsync("takeDate", IsoNow()).AsTask());
        io.On("getDateObj", socket => socket.EmitAsync("takeDateObj", new { date = IsoNow() }).AsTask());
        io.On("getUtf8", async (Socket socket) =>
        {
            foreach (var text in Utf8Texts)
            {
                await socket.EmitAsync("takeUtf8", text);
            }
        });
        io.On("false", socket => socket.EmitAsync("false", false).AsTask());
        io.On("doge", socket => socket.EmitAsync("doge", Encoding.UTF8.GetBytes("asdfasdf")).AsTask());
        io.On<byte[]>("buffa", (socket, bytes) => bytes is null ? Task.CompletedTask : socket.EmitAsync("buffack").AsTask());
        io.On("jsonbuff", (socket, received) => received.Arguments.Get<JsonBuffer>(0) is { Hello: "lol", Message: not null, Goodbye: "gotcha" }
            ? socket.EmitAsync("jsonbuff-ack") : ValueTask.CompletedTask);
        io.OnConnection(socket =>
        {
            var first = false;
            socket.On<byte[]>("abuff1", bytes => first = bytes is not null);
            socket.On("abuff2", () => first ? socket.EmitAsync("abuff2-ack").AsTask() : Task.CompletedTask);
        });
        io.OnRequest("getHandshake", socket => Task.FromResult(Describe(socket)));
        io.OnRequest("getId", socket => Task.FromResult(socket.Id));
    }

    private static async Task AskAsync(Socket socket)
    {
        try
        {
            var answer = await socket.EmitWithAckAsync<JsonElement>("ack", socket.Aborted);
            if (answer.ValueKind == JsonValueKind.Number && answer.GetInt32() == 5)
            {
                await socket.EmitAsync("got it");
            }
        }
        catch (OperationCanceledException)
        {
            // The client left without an answer, as one of the tests wants it to.
        }
    }

    private static string IsoNow() => DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static object Describe(Socket socket) => new
    {
        headers = socket.Handshake.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
        query = socket.Handshake.Query.ToDictionary(item => item.Key, item => item.Value.ToString()),
        auth = socket.Handshake.Auth,
        address = socket.Handshake.Address?.ToString(),
        url = socket.Handshake.Request.Url,
        secure = socket.Handshake.Request.IsSecure,
    };

    private sealed record JsonBuffer(string? Hello, byte[]? Message, string? Goodbye);
}
