using System.Runtime.CompilerServices;
using System.Text;
using Starling.Server.Channels;
using Starling.Server.Channels.History;

namespace Starling.Server.Tests.Channels.History;

public sealed class PublicationHistoryTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ChannelOptions _options = new();
    private long _offset;

    [Fact]
    public async Task A_topic_that_emptied_by_age_several_times_keeps_its_newer_updates()
    {
        _options.MaxEmptyTopics = 1;
        var history = new PublicationHistory(_options);
        var now = Start;
        for (var i = 0; i < 4; i++)
        {
            Append(history, "quiet", "old", now);
            now += TimeSpan.FromDays(2);
            history.ForgetBefore(now - TimeSpan.FromDays(1));
        }

        var seen = history.Current;
        Append(history, "quiet", "new", now);
        for (var i = 0; i < 3; i++)
        {
            Append(history, $"passing {i}", "x", now - TimeSpan.FromDays(3));
        }

        // The passing topics lie behind the newer update, so that all but that one age out with the next one.
        history.ForgetBefore(now - TimeSpan.FromDays(1));
        var (publications, hasGap) = await new TestReader(seen, "quiet").ReadAsync(history, TestContext.Current.CancellationToken);

        Assert.False(hasGap);
        Assert.Equal(["new"], publications.Select(Text));
    }

    [Fact]
    public void The_bytes_of_what_aged_out_are_free_again()
    {
        _options.MaxHistoryBytes = 50_000;
        _options.MaxEmptyTopics = 2;
        var history = new PublicationHistory(_options);
        for (var day = 0; day < 100; day++)
        {
            var now = Start.AddDays(day);
            history.ForgetBefore(now.AddHours(-20));
            for (var i = 0; i < 20; i++)
            {
                Append(history, $"topic {i % 5}", new string('x', 1_000), now);
            }

            Assert.Equal(20, history.Count);
        }
    }

    [Fact]
    public void Updates_that_their_topic_forgot_are_released_although_an_older_one_of_another_topic_is_kept()
    {
        _options.MaxHistoryCountPerTopic = 10;
        var history = new PublicationHistory(_options);
        Append(history, "rare", "kept", Start);
        var released = AppendMany(history);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.Equal(11, history.Count);
        Assert.InRange(released.Count(static reference => reference.IsAlive), 0, 3_000);
    }

    [Fact]
    public async Task A_thousand_restarts_of_nodes_leave_positions_short_and_gaps_told()
    {
        var history = new PublicationHistory(_options);
        history.AddOwn("own");
        var early = default(Cursor);
        for (var i = 1; i <= 1_000; i++)
        {
            var now = Start.AddMinutes(10 * i);
            history.ForgetBefore(now.AddDays(-1));
            history.Append(new Publication(new Update("t", $"{i}"), $"epoch{i}", 1, now), keepsOwnId: false);
            Assert.True(Cursor.TryParse(history.Current.ToString(), out var parsed), $"after {i} restarts");
            Assert.Equal(history.Current, parsed);
            Assert.InRange(history.Current.Positions.Length, 1, 150);
            early ??= history.Current;
        }

        Assert.True((await new TestReader(early!, "t").ReadAsync(history, TestContext.Current.CancellationToken)).HasGap);
        Assert.True((await new TestReader(Cursor.Start.With("epoch2", 1), "t").ReadAsync(history, TestContext.Current.CancellationToken)).HasGap);

        // One that has had all but the last three.
        var reader = new TestReader(history.All()[^4].Cursor, "t");
        var (publications, hasGap) = await reader.ReadAsync(history, TestContext.Current.CancellationToken);
        Assert.False(hasGap);
        Assert.Equal(["998", "999", "1000"], publications.Select(Text));
    }

    [Fact]
    public async Task Events_about_subscriptions_push_out_no_updates()
    {
        _options.MaxHistoryBytes = 20_000;
        _options.MaxEmptyTopics = 5;
        var history = new PublicationHistory(_options);
        for (var i = 0; i < 10; i++)
        {
            Append(history, $"topic {i}", $"{i}", Start);
        }

        var seen = history.All()[4].Cursor;
        for (var i = 1; i <= 10_000; i++)
        {
            history.Append(new Publication(new Update($"/hub/subscriptions/{i}", "{}") { IsPrivate = true }, "~events", i, Start), keepsOwnId: false);
        }

        var (publications, hasGap) = await new TestReader(seen, "topic 7", "topic 3").ReadAsync(history, TestContext.Current.CancellationToken);
        Assert.False(hasGap);
        Assert.Equal(["7"], publications.Select(Text));
        Assert.Equal(10, history.Count);
        Assert.Equal(10 + _options.MaxSubscriptionEvents, history.All().Count);
    }

    [Fact]
    public async Task A_read_asks_its_reader_outside_of_the_lock_so_that_others_publish_meanwhile()
    {
        var history = new PublicationHistory(_options);
        Append(history, "t", "1", Start);
        var published = false;
        var reader = new TestReader(Cursor.Start)
        {
            WantsEarliest = true,
            Filter = _ => published = Task.Run(() => Append(history, "t", "2", Start)).Wait(TimeSpan.FromSeconds(30)),
        };
        var batch = new List<Publication>();
        await history.ReadAsync(reader, batch, maxBytes: 1, TestContext.Current.CancellationToken);

        Assert.True(published);
    }

    [Fact]
    public async Task A_long_read_that_finds_nothing_ends_when_its_client_has_gone()
    {
        _options.MaxHistoryCountPerTopic = 100_000;
        var history = new PublicationHistory(_options);
        for (var i = 0; i < 20_000; i++)
        {
            Append(history, "t", "", Start);
        }

        using var gone = new CancellationTokenSource();
        var asked = 0;
        var reader = new TestReader(Cursor.Start)
        {
            WantsEarliest = true,
            Filter = _ =>
            {
                if (++asked == 100)
                {
                    gone.Cancel();
                }

                return false;
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.ReadAsync(history, gone.Token));
        Assert.InRange(asked, 100, 1_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task In_a_year_with_restarts_age_and_bytes_each_reader_gets_everything_once_or_hears_of_a_gap(int seed)
    {
        var random = new Random(seed);
        (_options.MaxHistoryBytes, _options.MaxHistoryBytesPerTopic, _options.MaxHistoryCountPerTopic, _options.MaxEmptyTopics) = (60_000, 20_000, 40, 4);
        var disk = new MemoryDisk();
        var starts = 0;
        var file = HistoryFile.Open(disk, $"epoch{++starts}", "boot");
        var history = new PublicationHistory(_options);
        file.Restore(history, Start);
        var now = Start;
        var published = new List<(string Topic, string Text)>();
        var readers = Enumerable.Range(0, 8).Select(i => (Topics: i < 6 ? new[] { $"topic {i}", $"topic {random.Next(12)}" } : [], State: new ReaderState())).ToArray();
        for (var step = 0; step < 6_000; step++)
        {
            now += TimeSpan.FromMinutes(random.Next(180));
            history.ForgetBefore(now.AddDays(-1));
            switch (random.Next(40))
            {
                case 0:
                    // Stopped in order, or killed.
                    if (random.Next(2) == 0)
                    {
                        file.Dispose();
                    }

                    file = HistoryFile.Open(disk, $"epoch{++starts}", "boot");
                    history = new PublicationHistory(_options);
                    file.Restore(history, now);
                    break;
                case < 30:
                    var topic = $"topic {(random.Next(4) == 0 ? random.Next(500) : random.Next(12))}";
                    var text = $"{published.Count}:{new string('x', random.Next(2_000))}";
                    var publication = new Publication(new Update(topic, text), file.Epoch, file.LastOffset + 1, now);
                    if (file.WantsRewrite)
                    {
                        file.Rewrite(history.All());
                    }

                    file.Append(publication);
                    Assert.True(history.Append(publication, keepsOwnId: true));
                    published.Add((topic, text));
                    break;
                default:
                    var (topics, state) = readers[random.Next(readers.Length)];
                    Assert.True(Cursor.TryParse(state.Cursor.ToString(), out var cursor));
                    var reader = new TestReader(cursor, topics);
                    var (got, hasGap) = await reader.ReadAsync(history, TestContext.Current.CancellationToken);
                    var missed = published.Skip(state.Seen).Where(item => reader.WantsTopic(item.Topic)).Select(item => item.Text);
                    var expected = hasGap ? missed.TakeLast(got.Count) : missed;
                    Assert.True(expected.SequenceEqual(got.Select(Text)), $"seed {seed}, step {step}, gap {hasGap}");
                    (state.Cursor, state.Seen) = (reader.Cursor, published.Count);
                    state.Reads++;
                    state.Gaps += hasGap ? 1 : 0;
                    break;
            }

            Assert.InRange(history.Current.Positions.Length, 0, 140);
        }

        file.Dispose();
        Assert.InRange((now - Start).TotalDays, 300, 450);
        Assert.All(readers, reader => Assert.InRange(reader.State.Gaps, 0, reader.State.Reads - 1));
        Assert.InRange(history.Count, 1, 500);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference> AppendMany(PublicationHistory history) =>
        [.. Enumerable.Range(0, 20_000).Select(i => new WeakReference(Append(history, "busy", $"{i}", Start)))];

    private Publication Append(PublicationHistory history, string topic, string text, DateTimeOffset time)
    {
        var publication = new Publication(new Update(topic, text), "own", ++_offset, time);
        history.Append(publication, keepsOwnId: true);
        return publication;
    }

    private static string Text(Publication publication) => Encoding.UTF8.GetString(publication.Update.Data.Span);

    private sealed class ReaderState
    {
        public Cursor Cursor { get; set; } = Cursor.Start;

        public int Seen { get; set; }

        public int Reads { get; set; }

        public int Gaps { get; set; }
    }
}
