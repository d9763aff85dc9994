using System.Net;
using System.Net.WebSockets;
using Starling.Server.Channels;

namespace Starling.Server.Tests.Channels;

/// <summary>What clients without any rights may cost the others.</summary>
public sealed class StrangerTests
{
    [Fact]
    public async Task Refused_handshakes_of_foreign_pages_take_no_place()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxSubscribers = 2);
        for (var i = 0; i < 5; i++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Origin", "https://evil.example");
            var url = new UriBuilder(hub.Url) { Scheme = "ws", Path = RunningHub.Path, Query = "match=a" }.Uri;
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(url, TestContext.Current.CancellationToken));
            Assert.NotEqual(HttpStatusCode.SwitchingProtocols, socket.HttpStatusCode);
        }

        await using var first = await hub.SubscribeAsync("match=a");
        await using var second = await hub.SubscribeAsync("match=a");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Response.StatusCode, second.Response.StatusCode));
    }

    [Fact]
    public async Task A_WebSocket_gives_its_place_back_when_it_ends()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxSubscribers = 1);
        var url = new UriBuilder(hub.Url) { Scheme = "ws", Path = RunningHub.Path, Query = "match=a" }.Uri;
        for (var i = 0; i < 3; i++)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    using var socket = new ClientWebSocket();
                    try
                    {
                        await socket.ConnectAsync(url, TestContext.Current.CancellationToken);
                        socket.Abort();
                        return true;
                    }
                    catch (WebSocketException)
                    {
                        return false;
                    }
                },
                "the place is free");
        }
    }

    [Fact]
    public async Task Patterns_that_weigh_too_much_are_refused()
    {
        await using var hub = await RunningHub.StartAsync();
        var query = string.Join('&', Enumerable.Range(0, 60).Select(i => Heavy(i)));

        using var response = await hub.GetAsync($"{RunningHub.Path}?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("2000", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_patterns_of_anonymous_clients_are_limited_together_and_make_room_when_they_go()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxAnonymousPatternWeight = 400);
        var query = Heavy(1);
        var other = Heavy(2);
        var first = await hub.SubscribeAsync(query);
        await using var same = await hub.SubscribeAsync(query);
        await using var refused = await hub.SubscribeAsync(other);
        await using var exact = await hub.SubscribeAsync("match=a");
        await using var known = await hub.SubscribeAsync(other, Token.Everything());

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK, HttpStatusCode.OK],
            new[] { first, same, refused, exact, known }.Select(stream => stream.Response.StatusCode));
        await first.DisposeAsync();
        await same.DisposeAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await using var again = await hub.SubscribeAsync(other);
                return again.Response.IsSuccessStatusCode;
            },
            "the weight is free again");
    }

    [Fact]
    public async Task Readers_who_come_and_go_write_nothing_to_the_file_and_erase_no_update()
    {
        var path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.history");
        try
        {
            await using var hub = await RunningHub.StartAsync(options => (options.HistoryFile, options.MaxHistoryBytes) = (path, 20_000));
            var first = await hub.PublishAsync("t", "1");
            await hub.PublishAsync("t", "2");
            var length = new FileInfo(path).Length;
            for (var i = 0; i < 100; i++)
            {
                await using var passing = await hub.SubscribeAsync("match=t");
            }

            await using var stream = await hub.SubscribeAsync("match=t", lastEventId: first);
            Assert.Equal("2", (await stream.NextAsync()).Data);
            Assert.Equal(length, new FileInfo(path).Length);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_history_that_cannot_be_written_again_loses_no_publication()
    {
        var path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.history");
        Directory.CreateDirectory(path + ".new");
        try
        {
            await using var hub = await RunningHub.StartAsync(options => (options.HistoryFile, options.MaxHistoryCountPerTopic) = (path, 10));
            var data = new string('x', 10_000);
            for (var i = 0; i < 400; i++)
            {
                await hub.Publisher.PublishAsync(new Update("t", data + i), TestContext.Current.CancellationToken);
            }

            await using var stream = await hub.SubscribeAsync("match=t&last_event_id=earliest");
            Assert.EndsWith("x390", (await stream.NextAsync()).Data, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
            Directory.Delete(path + ".new");
        }
    }

    [Fact]
    public async Task With_a_full_disk_the_hub_serves_subscribers_and_refuses_publications()
    {
        const string Full = "/dev/full";
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a device that is always full.");
        await using var hub = await RunningHub.StartAsync(options => options.HistoryFile = Full);

        using var refused = await hub.PostAsync("topic=a&data=1", Token.Everything());
        await using var stream = await hub.SubscribeAsync("match=a");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new UriBuilder(hub.Url) { Scheme = "ws", Path = RunningHub.Path, Query = "match=a" }.Uri, TestContext.Current.CancellationToken);
        var buffer = new byte[1_000];
        var hello = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("{\"cursor\"", System.Text.Encoding.UTF8.GetString(buffer, 0, hello.Count), StringComparison.Ordinal);
        socket.Abort();
    }

    [Fact]
    public async Task A_subscriber_that_behaves_notices_nothing_of_those_that_do_not()
    {
        await using var hub = await RunningHub.StartAsync(options => (options.MaxSubscribers, options.MaxHistoryBytes) = (200, 2_000_000));
        for (var i = 0; i < 2_000; i++)
        {
            await hub.Publisher.PublishAsync(new Update($"https://example.com/old/{i}", "x"), TestContext.Current.CancellationToken);
        }

        await using var stream = await hub.SubscribeAsync("match=news");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var patterns = string.Join('&', Enumerable.Range(0, 90).Select(i => $"match_urlpattern=https%3A%2F%2Fexample.com%2F*{i}*z"));
        var heavy = string.Join('&', Enumerable.Range(0, 60).Select(i => Heavy(i)));
        Task[] strangers =
        [
            .. Enumerable.Range(0, 3).Select(_ => RepeatAsync(() => hub.GetAsync($"{RunningHub.Path}?poll&cursor=earliest&wait=1&{patterns}"), HttpStatusCode.OK, end.Token)),
            RepeatAsync(() => hub.GetAsync($"{RunningHub.Path}?{heavy}"), HttpStatusCode.BadRequest, end.Token),
            RepeatAsync(() => ForeignAsync(hub), HttpStatusCode.Forbidden, end.Token),
            RepeatAsync(async () =>
            {
                await using var passing = await hub.SubscribeAsync("match=news");
                return new HttpResponseMessage(passing.Response.StatusCode);
            }, HttpStatusCode.OK, end.Token),
        ];
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 200; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            await hub.Publisher.PublishAsync(new Update("news", $"{i}"), TestContext.Current.CancellationToken);
            Assert.Equal($"{i}", (await stream.NextAsync()).Data);
            var took = TimeProvider.System.GetElapsedTime(began);
            slowest = took > slowest ? took : slowest;
        }

        await end.CancelAsync();
        await Task.WhenAll(strangers);

        // Held up by one read, a publication took 8 seconds. The bound is wide, since the machine may be busy with other things.
        Assert.InRange(slowest.TotalSeconds, 0, 3);
        await using var late = await hub.SubscribeAsync("match=news&last_event_id=earliest");
        Assert.Equal("0", (await late.NextAsync()).Data);
    }

    private static string Heavy(int number) => $"match_urlpattern=https%3A%2F%2Fexample.com%2F{number}(.*%5Bab%5D.%7B300%7Dc)";

    private static async Task RepeatAsync(Func<Task<HttpResponseMessage>> ask, HttpStatusCode expected, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            using var response = await ask();
            Assert.Equal(expected, response.StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> ForeignAsync(RunningHub hub)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.example");
        var url = new UriBuilder(hub.Url) { Scheme = "ws", Path = RunningHub.Path, Query = "match=a" }.Uri;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(url, CancellationToken.None));
        return new HttpResponseMessage(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Times_that_no_timer_takes_end_no_process()
    {
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var hub = await RunningHub.StartAsync(
            options => (options.MaxHistoryAge, options.MaxConnectionLifetime) = (TimeSpan.MaxValue, TimeSpan.MaxValue), time: time);
        await using var stream = await hub.SubscribeAsync("match=t");
        await hub.PublishAsync("t", "1");
        time.Advance(TimeSpan.FromSeconds(3));
        await hub.PublishAsync("t", "2");

        Assert.Equal("1", (await stream.NextAsync()).Data);
        Assert.Equal("2", (await stream.NextAsync()).Data);
    }
}
