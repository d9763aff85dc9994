using System.Text.Json;
using Starling.Server.Channels;

namespace Starling.Server.Tests.Channels;

/// <summary>Mercure, section "Reconnection, State Reconciliation, and Event Sourcing".</summary>
public sealed class ReconciliationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_published_after_the_last_event_is_sent_on_return(bool byHeader)
    {
        await using var hub = await RunningHub.StartAsync();
        await hub.PublishAsync("a", "1");
        var last = await hub.PublishAsync("a", "2");
        await hub.PublishAsync("b", "not mine");
        await hub.PublishAsync("a", "3");

        await using var stream = byHeader
            ? await hub.SubscribeAsync("match=a&last_event_id=earliest", lastEventId: last)
            : await hub.SubscribeAsync("match=a&last_event_id=" + Uri.EscapeDataString(last));
        await hub.PublishAsync("a", "4");

        Assert.Equal(last, stream.Response.Headers.GetValues("Mercure-Last-Event-ID").Single());
        Assert.Equal("3", (await stream.NextAsync()).Data);
        Assert.Equal("4", (await stream.NextAsync()).Data);
    }

    [Fact]
    public async Task The_word_earliest_asks_for_everything()
    {
        await using var hub = await RunningHub.StartAsync();
        await hub.PublishAsync("a", "1");
        await hub.PublishAsync("a", "2");

        await using var stream = await hub.SubscribeAsync("match=a&last_event_id=earliest");

        Assert.Equal("earliest", stream.Response.Headers.GetValues("Mercure-Last-Event-ID").Single());
        Assert.Equal("1", (await stream.NextAsync()).Data);
        Assert.Equal("2", (await stream.NextAsync()).Data);
    }

    [Fact]
    public async Task Of_several_updates_with_one_id_the_earliest_is_meant()
    {
        await using var hub = await RunningHub.StartAsync();
        await hub.PublishAsync("a", "1", "&id=same");
        await hub.PublishAsync("a", "2");
        await hub.PublishAsync("a", "3", "&id=same");

        await using var stream = await hub.SubscribeAsync("match=a&last_event_id=same");

        Assert.Equal("2", (await stream.NextAsync()).Data);
        var again = await stream.NextAsync();
        Assert.Equal(("3", "same"), (again.Data, again.EventId));
    }

    [Fact]
    public async Task Whoever_is_too_far_behind_is_told_so_in_header_and_stream()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxHistoryCountPerTopic = 2);
        var first = await hub.PublishAsync("a", "1");
        for (var i = 2; i <= 5; i++)
        {
            await hub.PublishAsync("a", $"{i}");
        }

        await using var behind = await hub.SubscribeAsync("match=a", lastEventId: first);
        await using var unknown = await hub.SubscribeAsync("match=a&last_event_id=urn:never-seen");
        await using var elsewhere = await hub.SubscribeAsync("match=b", lastEventId: first);
        await hub.PublishAsync("b", "b");

        foreach (var stream in new[] { behind, unknown })
        {
            Assert.Equal("earliest", stream.Response.Headers.GetValues("Mercure-Last-Event-ID").Single());
            var gap = await stream.NextAsync();
            Assert.Equal("mercure", gap.EventType);
            Assert.Equal("gap", JsonDocument.Parse(gap.Data).RootElement.GetProperty("type").GetString());
            Assert.Equal("4", (await stream.NextAsync()).Data);
            Assert.Equal("5", (await stream.NextAsync()).Data);
        }

        // Another topic has lost nothing.
        Assert.Equal(first, elsewhere.Response.Headers.GetValues("Mercure-Last-Event-ID").Single());
        Assert.Equal("b", (await elsewhere.NextAsync()).Data);
    }

    [Fact]
    public async Task The_position_of_a_quiet_subscriber_moves_on_without_events()
    {
        await using var hub = await RunningHub.StartAsync(options => options.HeartbeatInterval = TimeSpan.FromSeconds(1));
        await using var stream = await hub.SubscribeAsync("match=quiet");
        await hub.PublishAsync("quiet", "first");
        var first = await stream.NextAsync();
        await hub.PublishAsync("loud", "not for it");

        var next = stream.NextAsync();
        await Eventually.TrueAsync(() => stream.LastEventId != first.EventId, "the position moves");
        var position = stream.LastEventId;
        await hub.PublishAsync("quiet", "second");
        await next;
        await using var back = await hub.SubscribeAsync("match=*", lastEventId: position);

        Assert.Equal("second", (await back.NextAsync()).Data);
    }

    [Fact]
    public async Task A_stream_that_the_server_ends_tells_when_to_come_back()
    {
        await using var hub = await RunningHub.StartAsync();
        await using var stream = await hub.SubscribeAsync("match=a");
        var end = stream.EndsAsync();

        await hub.StopAsync();

        Assert.True(await end);
        Assert.InRange(stream.ReconnectionInterval, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_subscriber_in_CSharp_goes_on_from_its_cursor_and_hears_of_gaps()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxHistoryCountPerTopic = 3);
        var cursor = default(Cursor);
        await hub.Publisher.PublishAsync(new Update("a", "1"), TestContext.Current.CancellationToken);
        await foreach (var publication in hub.Subscriber.SubscribeAsync(TopicSelection.Of("a"), Cursor.Start, TestContext.Current.CancellationToken))
        {
            cursor = publication.Cursor;
            break;
        }

        foreach (var data in new[] { "2", "3", "4" })
        {
            await hub.Publisher.PublishAsync(new Update("a", data), TestContext.Current.CancellationToken);
        }

        var seen = new List<string>();
        await foreach (var publication in hub.Subscriber.SubscribeAsync(TopicSelection.Of("a"), cursor, TestContext.Current.CancellationToken))
        {
            seen.Add(System.Text.Encoding.UTF8.GetString(publication.Update.Data.Span));
            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.Equal(["2", "3", "4"], seen);
        await hub.Publisher.PublishAsync(new Update("a", "5"), TestContext.Current.CancellationToken);
        var gap = await Assert.ThrowsAsync<ChannelGapException>(async () =>
        {
            await foreach (var _ in hub.Subscriber.SubscribeAsync(TopicSelection.Of("a"), cursor, TestContext.Current.CancellationToken))
            {
            }
        });
        await foreach (var publication in hub.Subscriber.SubscribeAsync(TopicSelection.Of("a"), gap.Cursor, TestContext.Current.CancellationToken))
        {
            Assert.Equal("3", System.Text.Encoding.UTF8.GetString(publication.Update.Data.Span));
            break;
        }
    }

    [Fact]
    public async Task A_publication_of_CSharp_that_breaks_a_rule_is_refused()
    {
        await using var hub = await RunningHub.StartAsync();

        foreach (var update in new[] { new Update([], default), new Update("*", ""), new Update("a", "") { Type = "mercure" }, new Update("a", "") { Id = "#1" } })
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Publisher.PublishAsync(update, TestContext.Current.CancellationToken));
        }
    }
}
