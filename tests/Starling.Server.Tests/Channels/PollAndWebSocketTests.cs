using System.Net;
using System.Net.WebSockets;
using System.Text.Json;

namespace Starling.Server.Tests.Channels;

/// <summary>The channels for clients that cannot stream: long polling, polling, and WebSocket.</summary>
public sealed class PollAndWebSocketTests
{
    [Fact]
    public async Task A_poll_without_a_cursor_is_answered_at_once_with_one()
    {
        await using var hub = await RunningHub.StartAsync();

        var answer = await Poll(hub, "poll&match=a");

        Assert.Equal(0, answer.GetProperty("publications").GetArrayLength());
        Assert.Equal(0, answer.GetProperty("callIn").GetInt32());
        await hub.PublishAsync("a", "1");
        var next = await Poll(hub, "poll&match=a&cursor=" + Cursor(answer));
        Assert.Equal("1", next.GetProperty("publications")[0].GetProperty("data").GetString());
        Assert.False(next.TryGetProperty("gap", out _));
    }

    [Fact]
    public async Task A_poll_is_held_until_there_is_something()
    {
        await using var hub = await RunningHub.StartAsync();
        var cursor = Cursor(await Poll(hub, "poll&match=a"));
        var held = Poll(hub, "poll&match=a&cursor=" + cursor);
        await hub.PublishAsync("b", "not for it");
        Assert.NotSame(held, await Task.WhenAny(held, Task.Delay(200, TestContext.Current.CancellationToken)));

        var id = await hub.PublishAsync("a", "now", "&type=t");

        var publication = (await held).GetProperty("publications")[0];
        Assert.Equal(("now", "t", "a", id), (
            publication.GetProperty("data").GetString(), publication.GetProperty("type").GetString(),
            publication.GetProperty("topic").GetString(), publication.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_poll_with_nothing_to_tell_ends_in_time_and_its_cursor_has_moved()
    {
        await using var hub = await RunningHub.StartAsync();
        var cursor = Cursor(await Poll(hub, "poll&match=a"));
        await hub.PublishAsync("b", "not for it");

        var answer = await Poll(hub, $"poll&match=a&cursor={cursor}&wait=100");

        Assert.Equal(0, answer.GetProperty("publications").GetArrayLength());
        Assert.NotEqual(cursor, Cursor(answer));
    }

    [Fact]
    public async Task Plain_polling_is_told_when_to_call_again_and_later_under_load()
    {
        await using var hub = await RunningHub.StartAsync(options => options.TargetPollsPerSecond = 1);

        var first = await Poll(hub, "poll&match=a&wait=0");
        for (var i = 0; i < 50; i++)
        {
            await Poll(hub, "poll&match=a&wait=0");
        }

        var later = await Poll(hub, "poll&match=a&wait=0");
        Assert.Equal(2000, first.GetProperty("callIn").GetInt32());
        Assert.InRange(later.GetProperty("callIn").GetInt32(), 10_000, 64_000);
    }

    [Fact]
    public async Task A_poll_that_can_never_work_is_told_to_stop_and_one_that_is_behind_hears_so()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxHistoryCountPerTopic = 1);
        var cursor = Cursor(await Poll(hub, "poll&match=a"));
        await hub.PublishAsync("a", "1");
        await hub.PublishAsync("a", "2");

        using var refused = await hub.GetAsync(RunningHub.Path + "?poll");
        using var badWait = await hub.GetAsync(RunningHub.Path + "?poll&match=a&wait=soon");
        var behind = await Poll(hub, "poll&match=a&cursor=" + cursor);

        foreach (var response in new[] { refused, badWait })
        {
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
            Assert.Equal(JsonValueKind.Null, problem.GetProperty("callIn").ValueKind);
        }

        Assert.True(behind.GetProperty("gap").GetBoolean());
        Assert.Equal("2", behind.GetProperty("publications")[0].GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_WebSocket_brings_a_cursor_then_publications_and_goes_on_after_a_reconnect()
    {
        await using var hub = await RunningHub.StartAsync();
        string last;
        using (var socket = await Connect(hub, "match=a"))
        {
            Assert.StartsWith("{\"cursor\":\"#", await new RawClient(socket).ReceiveAsync(), StringComparison.Ordinal);
            await hub.PublishAsync("a", "1");
            var publication = JsonDocument.Parse(await new RawClient(socket).ReceiveAsync()).RootElement;
            Assert.Equal("1", publication.GetProperty("data").GetString());
            last = publication.GetProperty("cursor").GetString()!;
        }

        await hub.PublishAsync("a", "2");
        using var again = await Connect(hub, "match=a&cursor=" + Uri.EscapeDataString(last));
        var client = new RawClient(again);
        await client.ReceiveAsync();
        Assert.Contains("\"data\":\"2\"", await client.ReceiveAsync(), StringComparison.Ordinal);

        await hub.StopAsync();
        Assert.StartsWith("closed 1001", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_ends_after_the_longest_lifetime_even_if_its_token_is_good_for_longer()
    {
        var time = new ManualTime();
        await using var hub = await RunningHub.StartAsync(options => options.MaxConnectionLifetime = TimeSpan.FromSeconds(2), time: time);
        using var socket = await Connect(hub, "match=a", Token.Everything());
        var client = new RawClient(socket);
        await client.ReceiveAsync();

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.StartsWith("closed 1008", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_of_a_foreign_page_is_refused()
    {
        await using var hub = await RunningHub.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.example");

        var failure = await Assert.ThrowsAsync<WebSocketException>(() =>
            socket.ConnectAsync(new Uri($"ws://{hub.Url.Authority}{RunningHub.Path}?match=a"), TestContext.Current.CancellationToken));

        Assert.Contains("403", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<ClientWebSocket> Connect(RunningHub hub, string query, string? token = null)
    {
        var socket = new ClientWebSocket();
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        }

        await socket.ConnectAsync(new Uri($"ws://{hub.Url.Authority}{RunningHub.Path}?{query}"), TestContext.Current.CancellationToken);
        return socket;
    }

    private static string Cursor(JsonElement answer) => Uri.EscapeDataString(answer.GetProperty("cursor").GetString()!);

    private static async Task<JsonElement> Poll(RunningHub hub, string query)
    {
        using var response = await hub.GetAsync($"{RunningHub.Path}?{query}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }
}
