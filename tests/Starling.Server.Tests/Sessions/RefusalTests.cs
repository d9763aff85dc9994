using System.Net;

namespace Starling.Server.Tests.Sessions;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("GET", "?EIO=4&transport=carrier-pigeon", 400, "{\"code\":0,\"message\":\"Transport unknown\"}")]
    [InlineData("GET", "?EIO=4", 400, "{\"code\":0,\"message\":\"Transport unknown\"}")]
    [InlineData("GET", "?EIO=4&transport=polling&sid=nobody", 400, "{\"code\":1,\"message\":\"Session ID unknown\"}")]
    [InlineData("POST", "?EIO=4&transport=polling", 400, "{\"code\":2,\"message\":\"Bad handshake method\"}")]
    [InlineData("GET", "?EIO=4&transport=websocket", 400, "{\"code\":3,\"message\":\"Bad request\"}")]
    [InlineData("GET", "?EIO=3&transport=polling", 400, "{\"code\":5,\"message\":\"Unsupported protocol version\"}")]
    [InlineData("GET", "?transport=polling", 400, "{\"code\":5,\"message\":\"Unsupported protocol version\"}")]
    [InlineData("GET", "?EIO=5&transport=polling", 400, "{\"code\":5,\"message\":\"Unsupported protocol version\"}")]
    public async Task A_bad_request_gets_the_documented_error(string method, string query, int status, string body)
    {
        await using var server = await RunningServer.StartAsync();
        Assert.Equal((status, body), await SendAsync(server, method, query));
    }

    [Fact]
    public async Task Limits_refuse_what_is_too_much_and_forget_what_has_gone()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.MaxSessions = 2;
            options.MaxSessionsPerAddress = 1;
        });
        var client = await server.ConnectAsync();
        Assert.Equal((429, "{\"code\":101,\"message\":\"Too many sessions from this address\"}"), await HandshakeAsync(server));
        await client.WebSocket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => server.Io.Engine.SessionCount == 0, "the session is gone");
        Assert.Equal(200, (await HandshakeAsync(server)).Status);
    }

    [Fact]
    public async Task The_server_as_a_whole_and_the_rate_of_handshakes_have_limits()
    {
        await using var full = await RunningServer.StartAsync(options => options.MaxSessions = 1);
        await full.ConnectAsync();
        Assert.Equal((503, "{\"code\":100,\"message\":\"Too many sessions\"}"), await HandshakeAsync(full));

        await using var busy = await RunningServer.StartAsync(options => options.MaxHandshakesPerSecond = 3);
        var answers = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add((await HandshakeAsync(busy)).Status);
        }

        Assert.Contains(429, answers);
        Assert.Contains(200, answers);
    }

    [Fact]
    public async Task An_origin_that_is_not_allowed_is_refused_and_a_request_without_one_passes()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.AllowedOrigins = new HashSet<string> { "https://good.example" });
        Assert.Equal((403, "{\"code\":103,\"message\":\"Origin not allowed\"}"), await HandshakeAsync(server, "https://evil.example"));
        Assert.Equal(200, (await HandshakeAsync(server, "https://good.example")).Status);
        Assert.Equal(200, (await HandshakeAsync(server)).Status);
    }

    [Fact]
    public async Task The_application_decides_and_its_message_reaches_the_client()
    {
        await using var server = await RunningServer.StartAsync(options => options.AllowRequest = (context, _) =>
            new(context.Request.Query.ContainsKey("let-me-in")
                ? Starling.Server.Sessions.HandshakeDecision.Allow
                : Starling.Server.Sessions.HandshakeDecision.Refuse("Say \"let me in\"")));
        Assert.Equal((403, "{\"code\":4,\"message\":\"Say \\u0022let me in\\u0022\"}"), await HandshakeAsync(server));
        Assert.Equal(200, (await SendAsync(server, "GET", "?EIO=4&transport=polling&let-me-in")).Status);
    }

    [Fact]
    public async Task Cookies_and_cross_origin_headers_are_sent_when_configured()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.Cookie = new Microsoft.AspNetCore.Http.CookieBuilder { Name = "io", HttpOnly = true, Path = "/" };
            options.Cors = new Microsoft.AspNetCore.Cors.Infrastructure.CorsPolicyBuilder("https://good.example").AllowCredentials().Build();
        });
        using var http = server.Http;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/socket.io/?EIO=4&transport=polling");
        request.Headers.Add("Origin", "https://good.example");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("https://good.example", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.StartsWith("io=", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);

        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/socket.io/?EIO=4&transport=polling");
        preflight.Headers.Add("Origin", "https://good.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        using var allowed = await http.SendAsync(preflight, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
    }

    [Fact]
    public async Task Settings_that_cannot_work_are_named_at_start()
    {
        var exception = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => RunningServer.StartAsync(options =>
            {
                options.PingInterval = TimeSpan.Zero;
                options.MaxAttachments = 0;
            }));
        Assert.Contains("PingInterval", exception.Message, StringComparison.Ordinal);
        Assert.Contains("MaxAttachments", exception.Message, StringComparison.Ordinal);
    }

    private static Task<(int Status, string Body)> HandshakeAsync(RunningServer server, string? origin = null) =>
        SendAsync(server, "GET", "?EIO=4&transport=polling", origin);

    private static async Task<(int Status, string Body)> SendAsync(RunningServer server, string method, string query, string? origin = null)
    {
        using var http = server.Http;
        using var request = new HttpRequestMessage(new HttpMethod(method), "/socket.io/" + query);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
