using System.Text;
using Starling.Server.Channels;
using Starling.Server.Channels.History;

namespace Starling.Server.Tests.Channels.History;

public sealed class HistoryFileTests
{
    private const int Count = 12;

    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public enum Damage
    {
        Cut,
        Zeros,
        Garbage,
    }

    [Theory]
    [InlineData(Damage.Cut)]
    [InlineData(Damage.Zeros)]
    [InlineData(Damage.Garbage)]
    public async Task However_much_of_its_end_a_power_failure_takes_the_file_opens_and_what_is_missing_is_a_gap(Damage damage)
    {
        var disk = new MemoryDisk();
        using (var file = HistoryFile.Open(disk, "first", "boot 1"))
        {
            Publish(file, 1, Count);
        }

        var whole = disk.Content;
        for (var length = 0; length <= whole.Length; length++)
        {
            var content = whole[..length];
            disk.Content = damage switch
            {
                Damage.Zeros => [.. content, .. new byte[whole.Length - length]],
                Damage.Garbage => [.. content, .. Enumerable.Repeat((byte)0x5a, whole.Length - length)],
                _ => content,
            };
            if (damage == Damage.Garbage && length < sizeof(int))
            {
                // Not a history but a file of something else, which must not be overwritten.
                Assert.Throws<IOException>(() => HistoryFile.Open(disk, "second", "boot 2"));
                continue;
            }

            using var file = HistoryFile.Open(disk, "second", "boot 2");
            var history = Restored(file);
            Publish(file, file.LastOffset + 1, 1, history);
            foreach (var seen in new[] { 1, Count / 2, Count })
            {
                var (publications, hasGap) = await new TestReader(At("first", seen), "t").ReadAsync(history);
                var missed = Enumerable.Range(seen + 1, Count - seen).Select(i => $"first {i}").Append(file.Epoch == "first" ? $"first {Count + 1}" : "second 1");
                Assert.True(
                    hasGap || missed.SequenceEqual(publications.Select(Text)),
                    $"cut at {length} of {whole.Length}, seen {seen}: {string.Join(", ", publications.Select(Text))}");
            }

            if (length == whole.Length)
            {
                Assert.Equal("first", file.Epoch);
            }
        }
    }

    [Fact]
    public async Task The_end_of_the_process_alone_costs_nothing_and_is_not_a_gap()
    {
        var disk = new MemoryDisk();
        var killed = HistoryFile.Open(disk, "first", "boot 1");
        Publish(killed, 1, Count);

        using var file = HistoryFile.Open(disk, "second", "boot 1");
        var history = Restored(file);
        Publish(file, 1, 1, history);
        var (publications, hasGap) = await new TestReader(At("first", 2), "t").ReadAsync(history);

        Assert.False(hasGap);
        Assert.Equal([.. Enumerable.Range(3, Count - 2).Select(i => $"first {i}"), "second 1"], publications.Select(Text));
        var (_, aheadHasGap) = await new TestReader(At("first", Count + 5), "t").ReadAsync(history);
        Assert.True(aheadHasGap, "A client has seen publications that are not in the file.");
    }

    [Fact]
    public async Task A_loss_is_told_after_further_restarts_too()
    {
        var disk = new MemoryDisk();
        Publish(HistoryFile.Open(disk, "first", "boot 1"), 1, Count);
        using (HistoryFile.Open(disk, "second", "boot 2"))
        {
            // Stops in order.
        }

        using var file = HistoryFile.Open(disk, "third", "boot 2");
        var (_, hasGap) = await new TestReader(At("first", 5), "t").ReadAsync(Restored(file));

        Assert.Equal("second", file.Epoch);
        Assert.True(hasGap);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_write_fails_the_file_opens_again_with_all_that_was_acknowledged(bool recovers)
    {
        for (var failsAt = 0; failsAt < 60; failsAt++)
        {
            var disk = new MemoryDisk { Operations = failsAt };
            var acknowledged = new List<string>();
            using (var file = HistoryFile.Open(disk, "first", "boot 1"))
            {
                var history = Restored(file);
                for (var offset = 1L; offset <= 3 * Count;)
                {
                    try
                    {
                        var publication = Create(file.Epoch, offset);
                        if (offset % Count == 0)
                        {
                            TryRewrite(file, history);
                        }

                        file.Append(publication);
                        history.Append(publication, keepsOwnId: true);
                        acknowledged.Add(Text(publication));
                        offset++;
                    }
                    catch (IOException) when (recovers)
                    {
                        disk.Operations = int.MaxValue;
                    }
                    catch (IOException)
                    {
                        break;
                    }
                }

                Assert.True(!recovers || acknowledged.Count == 3 * Count);
            }

            disk.Operations = int.MaxValue;
            using var again = HistoryFile.Open(disk, "second", "boot 1");
            Assert.Equal(acknowledged, Restored(again).All().Select(Text));
        }
    }

    [Fact]
    public async Task What_another_node_published_and_the_disk_did_not_take_is_a_gap_after_a_restart()
    {
        var disk = new MemoryDisk();
        using (var file = HistoryFile.Open(disk, "first", "boot 1"))
        {
            file.Append(Create("other", 1));
            disk.Operations = 0;
            Assert.Throws<IOException>(() => file.Append(Create("other", 2)));
            file.Miss(Create("other", 2));
            disk.Operations = int.MaxValue;
            file.Append(Create("other", 3));
        }

        using var again = HistoryFile.Open(disk, "second", "boot 1");
        var history = Restored(again);
        Assert.True((await new TestReader(At("other", 1), "t").ReadAsync(history)).HasGap);
        Assert.False((await new TestReader(At("other", 2), "t").ReadAsync(history)).HasGap);
    }

    [Fact]
    public void A_file_of_something_else_is_refused_and_left_as_it_is()
    {
        var content = Encoding.UTF8.GetBytes("{ \"Channels\": { \"HistoryFile\": \"history\" } }");
        var disk = new MemoryDisk { Content = content };

        var exception = Assert.Throws<IOException>(() => HistoryFile.Open(disk, "first", "boot"));

        Assert.Contains("HistoryFile", exception.Message, StringComparison.Ordinal);
        Assert.Equal(content, disk.Content);
    }

    private static void TryRewrite(HistoryFile file, PublicationHistory history)
    {
        try
        {
            file.Rewrite(history.All());
        }
        catch (IOException)
        {
            // The old file goes on.
        }
    }

    private static PublicationHistory Restored(HistoryFile file)
    {
        var history = new PublicationHistory(new ChannelOptions());
        file.Restore(history, Now);
        return history;
    }

    private static void Publish(HistoryFile file, long from, int count, PublicationHistory? history = null)
    {
        for (var offset = from; offset < from + count; offset++)
        {
            var publication = Create(file.Epoch, offset);
            file.Append(publication);
            history?.Append(publication, keepsOwnId: true);
        }
    }

    private static Publication Create(string epoch, long offset) => new(new Update("t", $"{epoch} {offset}"), epoch, offset, Now);

    private static string Text(Publication publication) => Encoding.UTF8.GetString(publication.Update.Data.Span);

    private static Cursor At(string epoch, long offset) => Cursor.Start.With(epoch, offset);
}
