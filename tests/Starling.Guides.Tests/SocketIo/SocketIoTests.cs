using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SocketIOClient;
using Starling.Server.Sockets;

namespace Starling.Guides.Tests.SocketIo;

/// <summary>The snippets of the Socket.IO guide, used by a client that others wrote.</summary>
public sealed class SocketIoTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chat()
    {
        await using var app = await StartAsync(io =>
        {
            // begin chat
            io.OnConnection(socket =>
            {
                socket.On<string>("join", room => socket.Join(room!));
                socket.On<string, string>("say", (room, text) => socket.To(room!).EmitAsync("said", socket.Id, text).AsTask());
                socket.OnRequest<string, int>("count", async room => (await io.In(room!).FetchSocketsAsync()).Count);
                socket.OnDisconnect(reason => Console.WriteLine($"{socket.Id} left: {reason}"));
            });
            // end
        });
        using var ann = await ConnectAsync(app);
        using var bob = await ConnectAsync(app);
        var heard = Next(bob, "said");
        await ann.EmitAsync("join", "garden");
        await bob.EmitAsync("join", "garden");
        Assert.Equal(2, (await AskAsync(bob, "count", "garden")).GetValue<int>());
        Assert.Equal(2, (await AskAsync(ann, "count", "garden")).GetValue<int>());
        await ann.EmitAsync("say", "garden", "hello");
        var said = await heard;
        Assert.Equal(ann.Id, said.GetValue<string>());
        Assert.Equal("hello", said.GetValue<string>(1));
    }

    [Fact]
    public async Task Limits()
    {
        await using var app = await StartAsync(io =>
        {
            // begin limit
            io.Limit("vote", perSecond: 1, burst: 5);                               // for each socket
            io.OnRequest<string, bool>("vote", (socket, choice) => Task.FromResult(true));
            // end
        });
        using var ann = await ConnectAsync(app);
        for (var i = 0; i < 5; i++)
        {
            Assert.True((await AskAsync(ann, "vote", "yes")).GetValue<bool>());
        }
    }

    [Fact]
    public async Task Handlers_for_all_sockets_and_typed_payloads()
    {
        await using var app = await StartAsync(io =>
        {
            // begin shared
            io.On<Line>("draw", (socket, line) => socket.Broadcast.Volatile.EmitAsync("drawn", line).AsTask());
            io.OnRequest<int, int, int>("add", (socket, a, b) => Task.FromResult(a + b));
            io.On("raw", (Socket socket, SocketEvent received) => io.EmitAsync("raw", received.Arguments).AsTask());
            // end
        });
        using var ann = await ConnectAsync(app);
        using var bob = await ConnectAsync(app);
        var drawn = Next(bob, "drawn");
        await ann.EmitAsync("draw", new { from = new[] { 1, 2 }, to = new[] { 3, 4 } });
        Assert.Equal(4, (await drawn).GetValue<JsonElement>().GetProperty("to")[1].GetInt32());
        Assert.Equal(5, (await AskAsync(ann, "add", 2, 3)).GetValue<int>());
        var raw = Next(bob, "raw");
        await ann.EmitAsync("raw", "anything", 1);
        Assert.Equal(1, (await raw).GetValue<int>(1));
    }

    [Fact]
    public async Task The_server_asks_its_clients()
    {
        var asked = new TaskCompletionSource<(int, int)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await StartAsync(io =>
        {
            io.OnRequest<bool>("begin", async socket =>
            {
                // begin ask
                var age = await socket.Timeout(TimeSpan.FromSeconds(5)).EmitWithAckAsync<string, int>("age?", "years");
                try
                {
                    var ages = await io.Timeout(TimeSpan.FromSeconds(5)).EmitWithAckAsync<string, int>("age?", "years");
                    asked.TrySetResult((age, ages.Sum()));
                }
                catch (AcknowledgementTimeoutException<int> e)
                {
                    Console.WriteLine($"{e.Message} Those who did: {string.Join(", ", e.Answers)}");
                }

                // end
                return true;
            });
        });
        using var ann = await ConnectAsync(app);
        using var bob = await ConnectAsync(app);
        ann.On("age?", response => _ = response.CallbackAsync(30));
        bob.On("age?", response => _ = response.CallbackAsync(40));
        await ann.EmitAsync("begin");
        Assert.Equal((30, 70), await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop));
    }

    [Fact]
    public async Task Who_may_come_in()
    {
        await using var app = await StartAsync(io =>
        {
            // begin middleware
            io.Use((socket, cancellationToken) =>
            {
                if (!socket.Handshake.Auth.TryGetProperty("token", out var token) || token.GetString() != "secret")
                {
                    throw new ConnectRefusedException("not authorised", new { code = 401 });        // connect_error, with err.data.code
                }

                socket.Data["name"] = "ann";
                return ValueTask.CompletedTask;
            });
            io.UseForEvents((received, cancellationToken) =>
                received.Name.StartsWith("admin:", StringComparison.Ordinal) ? throw new InvalidOperationException("not for you") : ValueTask.CompletedTask);
            // end
            io.OnRequest<string>("who", socket => Task.FromResult((string)socket.Data["name"]!));
        });
        using var ann = await ConnectAsync(app, auth: new { token = "secret" });
        Assert.Equal("ann", (await AskAsync(ann, "who")).GetValue<string>());

        using var eve = new SocketIO(app.Urls.Single(), new SocketIOClient.SocketIOOptions { Auth = new { token = "guess" }, Reconnection = false });
        var refused = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        eve.OnError += (_, message) => refused.TrySetResult(message);
        _ = eve.ConnectAsync();
        Assert.Contains("not authorised", await refused.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_of_the_application()
    {
        await using var app = await StartAsync(
            io =>
            {
                // begin users
                io.Engine.Endpoint.RequireAuthorization();
                io.OnRequest<string?>("who", socket => Task.FromResult(socket.User.Identity?.Name));
                // end
            },
            services =>
            {
                services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("header", null);
                services.AddAuthorization();
            });
        using var http = new HttpClient();
        using var refused = await http.GetAsync(app.Urls.Single() + "/socket.io/?EIO=4&transport=polling", Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var ann = await ConnectAsync(app, headers: new() { ["x-user"] = "ann" });
        Assert.Equal("ann", (await AskAsync(ann, "who")).GetValue<string>());
    }

    [Fact]
    public async Task Namespaces()
    {
        await using var app = await StartAsync(io =>
        {
            // begin namespaces
            var admin = io.Of("/admin");
            admin.OnRequest<string>("where", socket => Task.FromResult(socket.Namespace.Name));

            var boards = io.Of(new Regex("^/board-\\d+$"));                                        // one for each board, made when first asked for
            boards.OnRequest<string>("where", socket => Task.FromResult(socket.Namespace.Name));
            // end
        });
        foreach (var name in new[] { "/admin", "/board-7" })
        {
            using var client = await ConnectAsync(app, name);
            Assert.Equal(name, (await AskAsync(client, "where")).GetValue<string>());
        }
    }

    [Fact]
    public async Task A_class_for_each_socket()
    {
        await using var app = await StartAsync(
            // begin hub
            io => io.MapHub<ChatHub>(),
            // end
            services => services.AddSingleton<History>());
        using var ann = await ConnectAsync(app);
        using var bob = await ConnectAsync(app);
        var said = Next(bob, "said");
        await ann.EmitAsync("say", "hello");
        Assert.Equal("hello", (await said).GetValue<string>());
        Assert.Equal(["hello"], app.Services.GetRequiredService<History>().Lines);
    }

    [Fact]
    public async Task Any_service_sends()
    {
        await using var app = await StartAsync(_ => { }, services =>
        {
            // begin register
            services.AddHostedService<Clock>();
            // end
        });
        using var ann = await ConnectAsync(app);
        Assert.Equal(JsonValueKind.String, (await Next(ann, "time")).GetValue<JsonElement>().ValueKind);
    }

    [Fact]
    public async Task Settings()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // begin settings
        builder.Services.AddSocketIO(options =>
        {
            options.Cors = new CorsPolicyBuilder("https://example.com").AllowAnyHeader().AllowCredentials().Build();
            options.AllowedOrigins = new HashSet<string> { "https://example.com" };                 // WebSockets do not ask for CORS
            options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions { MaxDisconnectionDuration = TimeSpan.FromMinutes(2) };
            options.MaxPayload = 1_000_000;
            options.MaxSessionsPerAddress = 200;
            options.JsonSerializerOptions.TypeInfoResolverChain.Insert(0, ChatJson.Default);        // no reflection: for trimmed applications
        });
        builder.WebHost.UseLeanWebSockets();                                                        // 3 KB for an idle client
        // end
        await using var app = builder.Build();
        var io = app.MapSocketIO();
        io.OnRequest<bool>("recovered", socket => Task.FromResult(socket.Recovered));
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(Stop);
        using var ann = await ConnectAsync(app);
        Assert.False((await AskAsync(ann, "recovered")).GetValue<bool>());
    }

    private static async Task<WebApplication> StartAsync(Action<SocketIOServer> setUp, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSocketIO();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        setUp(app.MapSocketIO());
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(Stop);
        return app;
    }

    private static async Task<SocketIO> ConnectAsync(WebApplication app, string name = "", object? auth = null, Dictionary<string, string>? headers = null)
    {
        var client = new SocketIO(app.Urls.Single() + name, new SocketIOClient.SocketIOOptions { Auth = auth, ExtraHeaders = headers });
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.OnConnected += (_, _) => connected.TrySetResult();
        await client.ConnectAsync();
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        return client;
    }

    private static Task<SocketIOResponse> Next(SocketIO client, string name)
    {
        var next = new TaskCompletionSource<SocketIOResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.On(name, response => next.TrySetResult(response));
        return next.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    private static async Task<SocketIOResponse> AskAsync(SocketIO client, string name, params object[] arguments)
    {
        var answer = new TaskCompletionSource<SocketIOResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        await client.EmitAsync(name, response => answer.TrySetResult(response), arguments);
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }
}
