using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Starling.Protocol.Buffers;
using Starling.Server.Backplane;
using Starling.Server.Channels;
using Starling.Server.Channels.History;

namespace Starling.Server.Tests.Channels;

/// <summary>Nothing is lost and nothing comes twice, whatever clients, nodes and processes do.</summary>
public sealed class DeliveryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_publication_arrives_once_and_in_order_at_clients_that_wander_between_nodes(int seed)
    {
        var random = new Random(seed);
        var shared = new InMemoryBackplaneHub();
        await using var first = await RunningHub.StartAsync(backplane: new InMemoryBackplane(shared));
        await using var second = await RunningHub.StartAsync(backplane: new InMemoryBackplane(shared));
        var nodes = new[] { first, second };
        const int Publications = 300;
        var clients = Enumerable.Range(0, 6).Select(i => Wander(nodes, i % 2 == 0, new Random(seed * 100 + i))).ToArray();

        var sent = nodes.Select(_ => 0).ToArray();
        for (var i = 0; i < Publications; i++)
        {
            var node = random.Next(nodes.Length);
            var update = new Update("t", $"{node}:{++sent[node]}") { Id = random.Next(5) == 0 ? $"urn:own:{i}" : null };
            await nodes[node].Publisher.PublishAsync(update, TestContext.Current.CancellationToken);
            if (random.Next(10) == 0)
            {
                await Task.Delay(random.Next(8), TestContext.Current.CancellationToken);
            }
        }

        foreach (var node in nodes)
        {
            await node.Publisher.PublishAsync(new Update("t", "end"), TestContext.Current.CancellationToken);
        }

        foreach (var client in clients)
        {
            var seen = await client.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            for (var node = 0; node < nodes.Length; node++)
            {
                var numbers = seen.Where(data => data.StartsWith($"{node}:", StringComparison.Ordinal)).Select(data => int.Parse(data.AsSpan(2), CultureInfo.InvariantCulture));
                Assert.Equal(Enumerable.Range(1, sent[node]), numbers);
            }
        }
    }

    [Fact]
    public async Task A_node_that_comes_later_knows_the_history_of_the_others()
    {
        var shared = new InMemoryBackplaneHub();
        await using var first = await RunningHub.StartAsync(backplane: new InMemoryBackplane(shared));
        await first.PublishAsync("t", "before");
        await using var second = await RunningHub.StartAsync(backplane: new InMemoryBackplane(shared));

        for (var i = 0; ; i++)
        {
            await using var stream = await second.SubscribeAsync("match=t&last_event_id=earliest");
            await second.PublishAsync("t", "after");
            if ((await stream.NextAsync()).Data == "before")
            {
                break;
            }

            Assert.True(i < 100, "The history did not come.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task What_many_publish_at_once_on_one_node_arrives_whole_and_in_one_order_at_the_other()
    {
        var shared = new InMemoryBackplaneHub();
        await using var first = await RunningHub.StartAsync(backplane: new InMemoryBackplane(shared));
        await using var second = await RunningHub.StartAsync(backplane: new InMemoryBackplane(shared));
        const int Publishers = 16;
        const int Publications = 960;
        var selection = TopicSelection.Of("t");
        var here = ReadAsync(first);
        var there = ReadAsync(second);
        await Parallel.ForAsync(0, Publishers, new ParallelOptions { MaxDegreeOfParallelism = Publishers }, async (publisher, cancellationToken) =>
        {
            for (var i = 0; i < Publications / Publishers; i++)
            {
                await first.Publisher.PublishAsync(new Update("t", $"{publisher}:{i}"), cancellationToken);
            }
        });

        var published = await here.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(Publications, published.Distinct().Count());
        Assert.Equal(published, await there.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        async Task<List<string>> ReadAsync(RunningHub hub)
        {
            var read = new List<string>();
            await foreach (var publication in hub.Subscriber.SubscribeAsync(selection, Cursor.Start, TestContext.Current.CancellationToken))
            {
                read.Add(Encoding.UTF8.GetString(publication.Update.Data.Span));
                if (read.Count == Publications)
                {
                    break;
                }
            }

            return read;
        }
    }

    [Fact]
    public async Task An_answer_about_what_was_missing_before_does_not_end_the_wait_for_what_is_missing_now()
    {
        var shared = new InMemoryBackplaneHub();
        await using var node = await RunningHub.StartAsync(backplane: new InMemoryBackplane(shared));
        await using var other = new InMemoryBackplane(shared);
        await using var stream = await node.SubscribeAsync("match=t");

        // As from a node on which two publish at once, whose later publication overtakes the earlier one, twice.
        await PublishAsync(2);
        await PublishAsync(1);
        Assert.Equal(("1", "2"), ((await stream.NextAsync()).Data, (await stream.NextAsync()).Data));
        await PublishAsync(4);
        await SendAsync(5, content =>
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(content.GetSpan(8), 2);
            content.Advance(8);
            content.Write("other"u8);
        });
        await PublishAsync(3);
        Assert.Equal(("3", "4"), ((await stream.NextAsync()).Data, (await stream.NextAsync()).Data));

        ValueTask PublishAsync(long offset) => PublishByHandAsync(other, offset);

        ValueTask SendAsync(byte kind, Action<PooledBuffer> write) => SendByHandAsync(other, kind, write);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_came_after_something_that_a_dead_node_took_with_it_is_not_kept_back_for_ever(bool anotherHasIt)
    {
        var shared = new InMemoryBackplaneHub();
        var backplane = new InMemoryBackplane(shared);
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var node = await RunningHub.StartAsync(backplane: backplane, time: time);
        await using var other = new InMemoryBackplane(shared);
        await using var stream = await node.SubscribeAsync("match=t");
        await using var third = new InMemoryBackplane(shared);
        await using var thirdNode = anotherHasIt ? await RunningHub.StartAsync(backplane: third) : null;
        if (anotherHasIt)
        {
            await using var heard = await thirdNode!.SubscribeAsync("match=t");
            await PublishByHandAsync(other, 1, third.NodeId);
            Assert.Equal("1", (await heard.NextAsync()).Data);
        }

        // The node dies before it has sent this one the first, and answers no question.
        await PublishByHandAsync(other, 2, backplane.NodeId);
        await PublishByHandAsync(other, 1, backplane.NodeId, epoch: "mark");
        Assert.Equal("1", (await stream.NextAsync()).Data);
        time.Advance(TimeSpan.FromSeconds(anotherHasIt ? 4 : 20));
        if (anotherHasIt)
        {
            Assert.Equal("1", (await stream.NextAsync()).Data);
        }

        Assert.Equal("2", (await stream.NextAsync()).Data);
    }

    [Fact]
    public async Task A_client_that_knows_of_a_node_sooner_than_the_node_it_comes_to_has_missed_nothing()
    {
        var path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.history");
        try
        {
            string known;
            await using (var alone = await RunningHub.StartAsync(options => options.HistoryFile = path))
            {
                known = await alone.PublishAsync("t", "1");
            }

            var shared = new InMemoryBackplaneHub();
            await using var first = await RunningHub.StartAsync(backplane: new InMemoryBackplane(shared));
            await using var second = await RunningHub.StartAsync(options => options.HistoryFile = path, new InMemoryBackplane(shared));
            var poll = first.GetAsync($"{RunningHub.Path}?poll&match=t&cursor={Uri.EscapeDataString(known)}");
            await using var streaming = await StreamLater();
            using var response = await poll;
            var answer = System.Text.Json.JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.False(answer.TryGetProperty("gap", out _));
            Assert.Equal("2", answer.GetProperty("publications")[0].GetProperty("data").GetString());
            Assert.Equal("2", (await streaming.NextAsync()).Data);

            async Task<EventStream> StreamLater()
            {
                var stream = first.SubscribeAsync("match=t", lastEventId: known);
                await Task.Delay(200, TestContext.Current.CancellationToken);
                Assert.False(poll.IsCompleted || stream.IsCompleted);
                await second.PublishAsync("t", "2");
                return await stream;
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_history_in_a_file_survives_a_restart_and_a_record_that_was_cut_off()
    {
        var path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.history");
        try
        {
            string first;
            await using (var hub = await RunningHub.StartAsync(options => options.HistoryFile = path))
            {
                first = await hub.PublishAsync("t", "1");
                await hub.PublishAsync("t", "2");
                await hub.PublishAsync("t", "3", "&private=on&type=x&id=urn:own");
            }

            await using (var file = new FileStream(path, FileMode.Append))
            {
                file.Write([200, 0, 0, 0, 1, 2, 3]);
            }

            await using (var hub = await RunningHub.StartAsync(options => options.HistoryFile = path))
            {
                await using var stream = await hub.SubscribeAsync("match=t", Token.Everything(), first);
                Assert.Equal(first, stream.Response.Headers.GetValues("Mercure-Last-Event-ID").Single());
                Assert.Equal("2", (await stream.NextAsync()).Data);
                var third = await stream.NextAsync();
                Assert.Equal(("3", "x", "urn:own"), (third.Data, third.EventType, third.EventId));
                var fourth = await hub.PublishAsync("t", "4");
                Assert.Equal(("4", fourth), await Pair(stream));
            }

            await using (var hub = await RunningHub.StartAsync(options => options.HistoryFile = path))
            {
                await using var stream = await hub.SubscribeAsync("match=t", Token.Everything(), "urn:own");
                Assert.Equal("4", (await stream.NextAsync()).Data);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_file_that_grew_is_written_anew_and_loses_nothing_that_is_kept()
    {
        var path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.history");
        try
        {
            await using (var hub = await RunningHub.StartAsync(options => (options.HistoryFile, options.MaxHistoryCountPerTopic) = (path, 10)))
            {
                var data = new string('x', 10_000);
                for (var i = 0; i < 400; i++)
                {
                    await hub.Publisher.PublishAsync(new Update("t", data + i), TestContext.Current.CancellationToken);
                }
            }

            Assert.InRange(new FileInfo(path).Length, 100_000, 2_500_000);
            await using (var hub = await RunningHub.StartAsync(options => (options.HistoryFile, options.MaxHistoryCountPerTopic) = (path, 10)))
            {
                await using var stream = await hub.SubscribeAsync("match=t&last_event_id=earliest");
                for (var i = 390; i < 400; i++)
                {
                    Assert.EndsWith($"x{i}", (await stream.NextAsync()).Data, StringComparison.Ordinal);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_subscriber_that_does_not_read_holds_no_one_and_is_dropped()
    {
        await using var hub = await RunningHub.StartAsync(options =>
        {
            // Longer than a busy machine lets the reader that does read stand still.
            options.SendTimeout = TimeSpan.FromSeconds(8);
            options.MaxHistoryBytesPerTopic = 100_000_000;
            options.MaxHistoryBytes = 200_000_000;
        });
        using var stuck = new TcpClient { ReceiveBufferSize = 4096 };
        await stuck.ConnectAsync(hub.Url.Host, hub.Url.Port, TestContext.Current.CancellationToken);
        await stuck.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"GET {RunningHub.Path}?match=t HTTP/1.1\r\nHost: x\r\n\r\n"), TestContext.Current.CancellationToken);
        await using var reader = await hub.SubscribeAsync("match=t");
        await Eventually.TrueAsync(() => hub.Presence.ListAll("/").Count == 2, "both subscribe");
        var data = new string('x', 100_000);

        for (var i = 0; i < 200; i++)
        {
            await hub.Publisher.PublishAsync(new Update("t", data + i), TestContext.Current.CancellationToken);
            Assert.EndsWith($"x{i}", (await reader.NextAsync()).Data, StringComparison.Ordinal);
        }

        await Eventually.TrueAsync(() => hub.Presence.ListAll("/").Count == 1, "the stuck one is dropped");
    }

    [Fact]
    public async Task A_thousand_half_open_streams_cost_little_and_go()
    {
        await using var hub = await RunningHub.StartAsync();
        var sockets = new List<TcpClient>();
        for (var i = 0; i < 1_000; i++)
        {
            var socket = new TcpClient();
            await socket.ConnectAsync(hub.Url.Host, hub.Url.Port, TestContext.Current.CancellationToken);
            await socket.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes($"GET {RunningHub.Path}?match=t HTTP/1.1\r\nHost: x\r\n" + (i % 2 == 0 ? "\r\n" : "")), TestContext.Current.CancellationToken);
            sockets.Add(socket);
        }

        await Eventually.TrueAsync(() => hub.Presence.ListAll("/").Count == 500, "those that finished their request subscribe");
        await using var reader = await hub.SubscribeAsync("match=t");
        await hub.PublishAsync("t", "still up");
        Assert.Equal("still up", (await reader.NextAsync()).Data);

        sockets.ForEach(socket => socket.Dispose());
        await Eventually.TrueAsync(() => hub.Presence.ListAll("/").Count == 1, "they are gone");
    }

    private static async Task<(string, string)> Pair(EventStream stream)
    {
        var item = await stream.NextAsync();
        return (item.Data, item.EventId!);
    }

    // Reads some events, disconnects, and goes on at any node, as EventSource would; or by polling.
    private static async Task<List<string>> Wander(RunningHub[] nodes, bool byStream, Random random)
    {
        var seen = new List<string>();
        var last = "earliest";
        while (seen.Count(data => data == "end") < nodes.Length)
        {
            var node = nodes[random.Next(nodes.Length)];
            if (byStream)
            {
                await using var stream = await node.SubscribeAsync("match=t", lastEventId: last);
                for (var i = random.Next(1, 40); i > 0 && seen.Count(data => data == "end") < nodes.Length; i--)
                {
                    seen.Add((await stream.NextAsync()).Data);
                    last = stream.LastEventId;
                }
            }
            else
            {
                using var response = await node.GetAsync($"{RunningHub.Path}?poll&match=t&wait=100&cursor={Uri.EscapeDataString(last)}");
                var answer = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
                Assert.False(answer.TryGetProperty("gap", out _));
                seen.AddRange(answer.GetProperty("publications").EnumerateArray().Select(item => item.GetProperty("data").GetString()!));
                last = answer.GetProperty("cursor").GetString()!;
            }
        }

        return seen;
    }

    /// <summary>Sends what a node would send.</summary>
    private static ValueTask PublishByHandAsync(InMemoryBackplane other, long offset, string? recipient = null, string epoch = "other") => SendByHandAsync(
        other,
        1,
        content => PublicationCodec.Write(
            content, new Publication(new Update("t", offset.ToString(CultureInfo.InvariantCulture)), epoch, offset, DateTimeOffset.UtcNow)),
        recipient);

    private static ValueTask SendByHandAsync(InMemoryBackplane other, byte kind, Action<PooledBuffer> write, string? recipient = null)
    {
        using var buffer = new PooledBuffer();
        buffer.WriteByte(kind);
        write(buffer);
        return other.PublishAsync(new DataMessage("starling.channels", buffer.Written.ToArray()) { Recipient = recipient }, TestContext.Current.CancellationToken);
    }
}
