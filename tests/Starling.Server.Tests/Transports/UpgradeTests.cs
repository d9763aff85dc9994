using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Transports;

public sealed class UpgradeTests
{
    [Fact]
    public async Task An_upgrade_that_does_not_come_to_an_end_is_given_up_and_polling_goes_on()
    {
        await using var server = await RunningServer.StartAsync(options => options.UpgradeTimeout = TimeSpan.FromMilliseconds(300));
        using var http = server.Http;
        var (query, sid) = await OpenAsync(http);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new Uri($"ws://{server.Url.Authority}/socket.io/?EIO=4&transport=websocket&sid={sid}"), TestContext.Current.CancellationToken);
        Assert.StartsWith("closed", await new RawClient(socket).ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal("ok", await PostAsync(http, query, "40"));
        Assert.StartsWith("40{\"sid\":", await http.GetStringAsync(query, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_queued_for_polling_leaves_in_order_on_the_new_websocket()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = server.Http;
        var (query, sid) = await OpenAsync(http);
        await PostAsync(http, query, "40");
        await http.GetStringAsync(query, TestContext.Current.CancellationToken);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new Uri($"ws://{server.Url.Authority}/socket.io/?EIO=4&transport=websocket&sid={sid}"), TestContext.Current.CancellationToken);
        var client = new RawClient(socket);
        await client.SendAsync("2probe");
        Assert.Equal("3probe", await client.ReceiveAsync());
        for (var i = 0; i < 3; i++)
        {
            await server.Io.EmitAsync("queued", i, new[] { (byte)i });
        }

        await client.SendAsync("5");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"451-[\"queued\",{i},{{\"_placeholder\":true,\"num\":0}}]", await client.ReceiveAsync());
            Assert.Equal($"binary 0{i}", await client.ReceiveAsync());
        }

        using var late = await http.GetAsync(query, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, late.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upgrade_that_fails_leaves_the_session_upgradable(bool lean)
    {
        await using var server = await RunningServer.StartAsync(
            services: services => services.AddSingleton<Microsoft.AspNetCore.Hosting.IStartupFilter>(new FailingUpgrades()), lean: lean);
        using var http = server.Http;
        var (query, sid) = await OpenAsync(http);
        await PostAsync(http, query, "40");
        var address = new Uri($"ws://{server.Url.Authority}/socket.io/?EIO=4&transport=websocket&sid={sid}");
        using (var failing = new ClientWebSocket())
        {
            failing.Options.SetRequestHeader("X-Fail", "1");
            await Assert.ThrowsAsync<WebSocketException>(() => failing.ConnectAsync(address, TestContext.Current.CancellationToken));
        }

        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(address, TestContext.Current.CancellationToken);
        var client = new RawClient(socket);
        await client.SendAsync("2probe");
        Assert.Equal("3probe", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task A_hook_that_throws_takes_no_place_of_a_session(string transport)
    {
        var fails = true;
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.MaxSessions = 1;
            options.OnHandshakeResponse = (_, _) =>
            {
                if (fails)
                {
                    throw new InvalidOperationException("A hook that fails.");
                }
            };
        });
        using var http = server.Http;
        for (var i = 0; i < 3; i++)
        {
            if (transport == "polling")
            {
                using var answer = await http.GetAsync("/socket.io/?EIO=4&transport=polling", TestContext.Current.CancellationToken);
                Assert.Equal(System.Net.HttpStatusCode.InternalServerError, answer.StatusCode);
            }
            else
            {
                await Assert.ThrowsAsync<WebSocketException>(() => server.ConnectAsync());
            }
        }

        fails = false;
        Assert.Equal(0, server.Io.Engine.SessionCount);
        Assert.NotNull(await server.ConnectAsync());
    }

    private sealed class FailingUpgrades : Microsoft.AspNetCore.Hosting.IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, further) =>
            {
                if (context.Request.Headers.ContainsKey("X-Fail"))
                {
                    context.Features.Set<IHttpUpgradeFeature>(new FailingUpgrade());
                }

                return further(context);
            });
            next(app);
        };
    }

    private sealed class FailingUpgrade : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => true;

        public Task<Stream> UpgradeAsync() => throw new IOException("The connection broke in the middle of the handshake.");
    }

    private static async Task<(string Query, string SessionId)> OpenAsync(HttpClient http)
    {
        const string Handshake = "/socket.io/?EIO=4&transport=polling";
        var open = await http.GetStringAsync(Handshake, TestContext.Current.CancellationToken);
        var sid = open.Split("\"sid\":\"")[1].Split('"')[0];
        return (Handshake + "&sid=" + sid, sid);
    }

    private static async Task<string> PostAsync(HttpClient http, string query, string packets)
    {
        using var body = new StringContent(packets, Encoding.UTF8, "text/plain");
        using var answer = await http.PostAsync(query, body, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
