using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Channels;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Http;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Tests.Channels;

/// <summary>Event streams as they are on the wire (HTML Living Standard, section 9.2), and what applications build on them.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task A_silent_stream_is_kept_alive_by_comments()
    {
        await using var hub = await RunningHub.StartAsync(options => options.HeartbeatInterval = TimeSpan.FromSeconds(1));

        var text = await ReadAsync(hub, "match=a", seen => seen.Count(line => line == ":") >= 3);

        Assert.DoesNotContain(text, line => line.StartsWith("data", StringComparison.Ordinal));
    }

    [Fact]
    public void A_comment_is_due_before_the_heartbeat_interval_is_over_and_again_after_each()
    {
        var pipe = new Pipe();
        var subscriber = new EventStreamSubscriber([], ChannelAccess.Anonymous, Cursor.Start, wantsEarliest: false, pipe.Writer);
        for (var round = 0; round < 3; round++)
        {
            // Beats are a quarter of the interval apart and a twelfth late at most: the third one comes before the interval is over.
            Assert.False(subscriber.Beat(Cursor.Start));
            Assert.False(subscriber.Beat(Cursor.Start));
            Assert.True(subscriber.Beat(Cursor.Start));
            Assert.True(Subscriber.BeatsInInterval == 4 && pipe.Writer.UnflushedBytes == 2 * (round + 1));
        }
    }

    [Fact]
    public async Task Padding_of_2_KB_comes_first_where_it_is_asked_for()
    {
        await using var hub = await RunningHub.StartAsync(options => options.Padding = true);

        var text = await ReadAsync(hub, "match=a", seen => seen.Any(line => line.StartsWith(": ", StringComparison.Ordinal)));

        Assert.Contains(text, line => line.Length >= 2048 && line[0] == ':' && string.IsNullOrWhiteSpace(line[1..]));
    }

    [Fact]
    public async Task A_connection_ends_after_its_longest_life_even_without_a_token()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxConnectionLifetime = TimeSpan.FromSeconds(1));
        await using var stream = await hub.SubscribeAsync("match=a");

        Assert.True(await stream.EndsAsync());
    }

    [Fact]
    public async Task Updates_can_be_fed_from_a_sequence()
    {
        await using var hub = await RunningHub.StartAsync();
        await using var stream = await hub.SubscribeAsync("match=a");

        var published = await hub.Publisher.FeedAsync(Numbers(), TestContext.Current.CancellationToken);

        Assert.Equal(3, published);
        foreach (var expected in new[] { "0", "1", "2" })
        {
            Assert.Equal(expected, (await stream.NextAsync()).Data);
        }
    }

    [Fact]
    public async Task A_resource_tells_where_its_updates_are_and_from_which_event_on()
    {
        await using var hub = await RunningHub.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddChannels();
        await using var app = builder.Build();
        app.MapChannels();
        app.MapGet("/books/1", (HttpContext context) =>
        {
            context.Response.AddHubLink("https://example.com/books/1");
            return "a book";
        });
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var publisher = app.Services.GetRequiredService<IChannelPublisher>();
        await publisher.PublishAsync(new Update("https://example.com/books/1", "old"), TestContext.Current.CancellationToken);

        using var response = await http.GetAsync("/books/1", TestContext.Current.CancellationToken);

        var links = response.Headers.GetValues("Link").ToArray();
        var last = links[0].Split("last-event-id=\"")[1].TrimEnd('"');
        Assert.StartsWith("</.well-known/mercure>; rel=\"mercure\"; ", links[0], StringComparison.Ordinal);
        Assert.Equal("<https://example.com/books/1>; rel=\"self\"", links[1]);
        await publisher.PublishAsync(new Update("https://example.com/books/1", "new"), TestContext.Current.CancellationToken);
        await using var stream = new EventStream(await http.GetAsync(
            "/.well-known/mercure?match=https://example.com/books/1&last_event_id=" + Uri.EscapeDataString(last),
            HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        Assert.Equal("new", (await stream.NextAsync()).Data);
    }

    private static async IAsyncEnumerable<Update> Numbers()
    {
        for (var i = 0; i < 3; i++)
        {
            await Task.Yield();
            yield return new Update("a", $"{i}");
        }
    }

    private static async Task<List<string>> ReadAsync(RunningHub hub, string query, Func<List<string>, bool> enough)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(hub.Url.Host, hub.Url.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {RunningHub.Path}?{query} HTTP/1.1\r\nHost: x\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        var lines = new List<string>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!enough(lines))
        {
            lines.Add((await reader.ReadLineAsync(limit.Token))!);
        }

        return lines;
    }
}
