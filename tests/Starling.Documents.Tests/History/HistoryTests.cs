using Starling.Documents.History;
using Starling.Documents.Storage;
using Starling.Server.Tests;

namespace Starling.Documents.Tests.History;

public sealed class HistoryTests
{
    private static readonly DocumentKey Key = new("c", "d");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task Any_version_and_any_time_can_be_had(int milestoneInterval)
    {
        var time = new ManualTime();
        await using var server = await RunningDocuments.StartAsync(options => options.MilestoneInterval = milestoneInterval, time: time);
        await FillAsync(server, time, 50);
        for (var version = 1; version <= 50; version++)
        {
            Assert.Equal($"{version - 1}", (await server.History.AtVersionAsync(Key, version, Token)).Text());
            var at = DateTimeOffset.UnixEpoch.AddSeconds(version);
            Assert.Equal($"{version - 1}", (await server.History.AtTimeAsync(Key, at, Token)).Text());
            Assert.Equal(version, (await server.History.AtTimeAsync(Key, at.AddMilliseconds(999), Token)).Version);
        }

        Assert.Null((await server.History.AtVersionAsync(Key, 0, Token)).Type);
        Assert.Null((await server.History.AtTimeAsync(Key, DateTimeOffset.UnixEpoch, Token)).Type);
        Assert.Equal(
            DocumentErrors.VersionTooNew, (await Assert.ThrowsAsync<DocumentException>(() => server.History.AtVersionAsync(Key, 51, Token))).Code);
        Assert.Equal(milestoneInterval == 0 ? 0 : 7, (await server.History.MilestonesAsync(Key, Token)).Count);
        Assert.Equal([10, 11], (await server.History.OperationsAsync(Key, 10, 12, Token)).Select(operation => operation.Version));
    }

    [Fact]
    public async Task A_time_of_which_nothing_is_kept_is_not_taken_for_one_before_the_document()
    {
        var time = new ManualTime();
        await using var server = await RunningDocuments.StartAsync(
            options =>
            {
                options.MilestoneInterval = 10;
                options.Retention = new RetentionPolicy { MinOperations = 0, MinAge = TimeSpan.Zero };
            },
            time: time);
        await FillAsync(server, time, 20);

        Assert.Equal(20, (await server.History.AtTimeAsync(Key, DateTimeOffset.MaxValue, Token)).Version);
        foreach (var second in (int[])[1, 5, 9])
        {
            var refusal = await Assert.ThrowsAsync<DocumentException>(
                () => server.History.AtTimeAsync(Key, DateTimeOffset.UnixEpoch.AddSeconds(second), Token));
            Assert.Equal(DocumentErrors.HistoryNotKept, refusal.Code);
        }

        using var client = await server.ConnectAsync();
        var answer = await client.AskAsync("""{"a":"nt","id":1,"c":"c","d":"d","ts":5000}""");
        Assert.Equal(DocumentErrors.HistoryNotKept, answer.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Old_operations_are_dropped_and_what_milestones_keep_stays()
    {
        var time = new ManualTime();
        await using var server = await RunningDocuments.StartAsync(
            options =>
            {
                options.MilestoneInterval = 10;
                options.MaxTailOperations = 10;
                options.Retention = new RetentionPolicy { MinOperations = 25, MinAge = TimeSpan.FromSeconds(20) };
            },
            time: time);
        await FillAsync(server, time, 35);
        await server.History.NameVersionAsync(Key, 3, "draft", Token);
        await AddAsync(server, time, 65);

        Assert.Equal("2", (await server.History.AtVersionAsync(Key, 3, Token)).Text());
        Assert.Equal("draft", (await server.History.MilestonesAsync(Key, Token))[0].Name);
        Assert.Equal("9", (await server.History.AtVersionAsync(Key, 10, Token)).Text());
        Assert.Equal("74", (await server.History.AtVersionAsync(Key, 75, Token)).Text());
        Assert.Equal("99", await server.Documents.FetchTextAsync("c", "d"));
        Assert.Equal(
            DocumentErrors.HistoryNotKept, (await Assert.ThrowsAsync<DocumentException>(() => server.History.AtVersionAsync(Key, 15, Token))).Code);
        Assert.Equal(
            DocumentErrors.HistoryNotKept, (await Assert.ThrowsAsync<DocumentException>(() => server.History.OperationsAsync(Key, 5, 9, Token))).Code);

        // Who was away for too long is told so, and its operation is not applied a second time or in the wrong place.
        var refusal = await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, "1", version: 5));
        Assert.Equal(DocumentErrors.OperationsNotFound, refusal.Code);
    }

    [Fact]
    public async Task A_user_takes_back_and_does_again_only_what_was_theirs()
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, "number-type", "0");
        await server.Documents.EditAsync(Key, "1", "ann");
        await server.Documents.EditAsync(Key, "100", "bob");
        await server.Documents.EditAsync(Key, "2", "ann");
        async Task Expect(Task<DocumentOperation?> step, string value)
        {
            Assert.NotNull(await step);
            Assert.Equal(value, await server.Documents.FetchTextAsync("c", "d"));
        }

        await Expect(server.Documents.UndoAsync(Key, "ann", Token), "101");
        await Expect(server.Documents.UndoAsync(Key, "ann", Token), "100");
        Assert.Null(await server.Documents.UndoAsync(Key, "ann", Token));
        await Expect(server.Documents.RedoAsync(Key, "ann", Token), "101");
        await Expect(server.Documents.RedoAsync(Key, "ann", Token), "103");
        Assert.Null(await server.Documents.RedoAsync(Key, "ann", Token));
        await Expect(server.Documents.UndoAsync(Key, "ann", Token), "101");
        await server.Documents.EditAsync(Key, "1000", "ann");
        Assert.Null(await server.Documents.RedoAsync(Key, "ann", Token));
        await Expect(server.Documents.UndoAsync(Key, "ann", Token), "101");
        await Expect(server.Documents.UndoAsync(Key, "bob", Token), "1");
    }

    [Fact]
    public async Task Of_two_undos_at_once_one_takes_back()
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, "number-type", "0");
        await server.Documents.EditAsync(Key, "1", "ann");
        await Task.WhenAll(server.Documents.UndoAsync(Key, "ann", Token), server.Documents.UndoAsync(Key, "ann", Token));
        Assert.Equal("0", await server.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task A_type_that_cannot_take_back_says_so()
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, "letters", "\"\"");
        await server.Documents.EditAsync(Key, """[0,"x"]""", "ann");
        Assert.Equal(
            DocumentErrors.CannotUndo, (await Assert.ThrowsAsync<DocumentException>(() => server.Documents.UndoAsync(Key, "ann", Token))).Code);
    }

    // One operation a second, the creation at second 1.
    private static async Task FillAsync(RunningDocuments server, ManualTime time, int versions)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        await server.Documents.CreateAsync(Key, "number-type", "0");
        await AddAsync(server, time, versions - 1);
    }

    private static async Task AddAsync(RunningDocuments server, ManualTime time, int count)
    {
        for (var i = 0; i < count; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await server.Documents.EditAsync(Key, "1");
        }
    }
}
