using System.Text;
using Starling.Documents;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;

namespace Starling.Specifications;

/// <summary>What every document store has to do, whatever it keeps documents in.</summary>
public abstract class DocumentStoreSpecification : DocumentQuerySpecification
{
    [Fact]
    public async Task A_document_that_never_was_has_version_0_and_nothing_else()
    {
        var snapshot = await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token);
        Assert.Equal((0, null, true), (snapshot.Version, snapshot.Type, snapshot.Data.IsEmpty));
        Assert.Empty(await Store.ReadOperationsAsync(Key, 0, long.MaxValue, Token));
        Assert.Empty(await Store.ListMilestonesAsync(Key, Token));
        Assert.Null(await Store.FindOperationAsync(Key, new OperationId("a", 1), Token));
    }

    [Fact]
    public async Task A_commit_at_the_expected_version_is_made_whole()
    {
        Assert.Equal(CommitResult.Committed, await CreateAsync(Key, """{"n":1}"""));
        Assert.Equal(CommitResult.Committed, await EditAsync(Key, 1, 3, """{"n":4}"""));

        var snapshot = await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token);
        Assert.Equal((4, Type, """{"n":4}"""), (snapshot.Version, snapshot.Type, Text(snapshot.Data)));
        Assert.Equal((1000, 1030), (snapshot.CreatedTime, snapshot.ModifiedTime));
        var operations = await Store.ReadOperationsAsync(Key, 0, long.MaxValue, Token);
        Assert.Equal([0, 1, 2, 3], operations.Select(operation => operation.Version));
        Assert.Equal(Edit(2), operations[2], Same);
    }

    [Fact]
    public async Task An_operation_comes_back_as_it_was()
    {
        var lone = Encoding.UTF8.GetBytes("""[{"p":["\ud83d",1e21],"oi":"ä\u0000\ude00"}]""");
        var operation = Edit(1) with
        {
            Data = lone,
            Author = "somebody",
            Intent = OperationIntent.Undo,
            Fixups = Encoding.UTF8.GetBytes("[1]"),
        };
        await CreateAsync(Key, "{}");
        await Store.CommitAsync(
            new DocumentCommit { Key = Key, ExpectedVersion = 1, Operations = [operation], Snapshot = Snapshot(Key, 2, "{}") }, Token);
        Assert.Equal(operation, Assert.Single(await Store.ReadOperationsAsync(Key, 1, 2, Token)), Same);
        Assert.Equal(Creation("{}"), Assert.Single(await Store.ReadOperationsAsync(Key, 0, 1, Token)), Same);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(999, 2)]
    [InlineData(1_000, 3)]
    [InlineData(long.MaxValue, 4)]
    public async Task A_part_of_the_log_ends_with_the_operation_after_which_it_has_too_many_bytes(long maxBytes, int count)
    {
        await CreateAsync(Key, "{}");
        for (var version = 1; version <= 4; version++)
        {
            var operation = Edit(version) with { Data = Encoding.UTF8.GetBytes($"\"{new string('x', 498)}\"") };
            await Store.CommitAsync(new DocumentCommit { Key = Key, ExpectedVersion = version, Operations = [operation] }, Token);
        }

        var operations = await Store.ReadOperationsAsync(Key, 1, long.MaxValue, maxBytes, Token);
        Assert.Equal(Enumerable.Range(1, count), operations.Select(operation => (int)operation.Version));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_commit_at_another_version_changes_nothing(long expected)
    {
        await CreateAsync(Key, "{}");
        var commit = new DocumentCommit
        {
            Key = Key,
            ExpectedVersion = expected,
            Operations = [Edit(expected)],
            Snapshot = Snapshot(Key, expected + 1, """{"lost":true}"""),
            Milestones = [new MilestoneSnapshot(Snapshot(Key, expected + 1, "{}"), null)],
        };
        Assert.Equal(CommitResult.VersionConflict, await Store.CommitAsync(commit, Token));
        Assert.Equal("{}", Text((await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Data));
        Assert.Single(await Store.ReadOperationsAsync(Key, 0, long.MaxValue, Token));
        Assert.Empty(await Store.ListMilestonesAsync(Key, Token));
    }

    [Fact]
    public async Task An_operation_that_is_there_already_spoils_its_whole_commit()
    {
        await CreateAsync(Key, "{}");
        await EditAsync(Key, 1, 1, """{"n":1}""");
        var commit = new DocumentCommit
        {
            Key = Key,
            ExpectedVersion = 2,
            Operations = [Edit(2), Edit(3) with { Id = Edit(1).Id }],
            Snapshot = Snapshot(Key, 4, """{"n":2}"""),
        };
        Assert.Equal(CommitResult.DuplicateOperation, await Store.CommitAsync(commit, Token));
        Assert.Equal(2, (await Store.ReadOperationsAsync(Key, 0, long.MaxValue, Token)).Count);
        Assert.Equal("""{"n":1}""", Text((await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Data));
    }

    [Fact]
    public async Task An_operation_that_is_twice_in_a_commit_spoils_it()
    {
        await CreateAsync(Key, "{}");
        var commit = new DocumentCommit
        {
            Key = Key,
            ExpectedVersion = 1,
            Operations = [Edit(1), Edit(2) with { Id = Edit(1).Id }],
            Snapshot = Snapshot(Key, 3, """{"n":2}"""),
        };
        Assert.Equal(CommitResult.DuplicateOperation, await Store.CommitAsync(commit, Token));
        Assert.Single(await Store.ReadOperationsAsync(Key, 0, long.MaxValue, Token));
    }

    [Fact]
    public async Task One_identity_in_two_documents_is_two_operations()
    {
        var other = new DocumentKey("things", "other");
        Assert.Equal(CommitResult.Committed, await CreateAsync(Key, "{}"));
        Assert.Equal(CommitResult.Committed, await CreateAsync(other, "{}"));
        Assert.Equal(CommitResult.Committed, await CreateAsync(new DocumentKey("others", "one"), "{}"));
    }

    [Fact]
    public async Task An_operation_is_found_by_its_identity()
    {
        await CreateAsync(Key, "{}");
        await EditAsync(Key, 1, 5, "{}");
        Assert.Equal(Edit(4), await Store.FindOperationAsync(Key, Edit(4).Id, Token), Same);
        Assert.Null(await Store.FindOperationAsync(Key, new OperationId(Edit(4).Id.Source, 99), Token));
        Assert.Null(await Store.FindOperationAsync(new DocumentKey("things", "two"), Edit(4).Id, Token));
    }

    [Theory]
    [InlineData(0, 3, new long[] { 0, 1, 2 })]
    [InlineData(2, 2, new long[0])]
    [InlineData(4, 100, new long[] { 4, 5 })]
    [InlineData(6, 7, new long[0])]
    public async Task A_range_of_operations_has_its_beginning_and_not_its_end(long from, long to, long[] expected)
    {
        await CreateAsync(Key, "{}");
        await EditAsync(Key, 1, 5, "{}");
        Assert.Equal(expected, (await Store.ReadOperationsAsync(Key, from, to, Token)).Select(operation => operation.Version));
    }

    [Fact]
    public async Task The_stored_snapshot_may_lag_behind_the_log()
    {
        await CreateAsync(Key, """{"n":0}""");
        await Store.CommitAsync(new DocumentCommit { Key = Key, ExpectedVersion = 1, Operations = [Edit(1), Edit(2)] }, Token);
        Assert.Equal(1, (await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Version);
        Assert.Equal(3, (await Store.ReadOperationsAsync(Key, 0, 9, Token)).Count);

        var late = new DocumentCommit { Key = Key, ExpectedVersion = 3, Snapshot = Snapshot(Key, 3, """{"n":2}""") };
        Assert.Equal(CommitResult.Committed, await Store.CommitAsync(late, Token));
        Assert.Equal(3, (await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Version);
        Assert.Equal(CommitResult.Committed, await EditAsync(Key, 3, 1, "{}"));
    }

    [Fact]
    public async Task A_deleted_document_keeps_its_versions_and_can_be_created_again()
    {
        await CreateAsync(Key, "{}");
        var deletion = Edit(1) with { Kind = OperationKind.Delete, Data = default };
        await Store.CommitAsync(
            new DocumentCommit
            {
                Key = Key,
                ExpectedVersion = 1,
                Operations = [deletion],
                Snapshot = new DocumentSnapshot { Key = Key, Version = 2, CreatedTime = 1000, ModifiedTime = 1010 },
            },
            Token);
        var gone = await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token);
        Assert.Equal((2, null, true), (gone.Version, gone.Type, gone.Data.IsEmpty));
        Assert.Empty(await Store.QueryAsync("things", new DocumentQuery(), Token));

        var again = Creation("[]") with { Version = 2, Id = new OperationId("again", 1) };
        var commit = new DocumentCommit { Key = Key, ExpectedVersion = 2, Operations = [again], Snapshot = Snapshot(Key, 3, "[]") };
        Assert.Equal(CommitResult.Committed, await Store.CommitAsync(commit, Token));
        Assert.Equal("[]", Text((await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Data));
        Assert.Equal(3, (await Store.ReadOperationsAsync(Key, 0, 9, Token)).Count);
    }

    [Fact]
    public async Task Milestones_are_found_by_version_and_by_time()
    {
        await FillAsync(100, milestoneEvery: 10);
        async Task<long> At(SnapshotPoint point) => (await Store.ReadSnapshotAsync(Key, point, Token)).Version;
        Assert.Equal(20, await At(SnapshotPoint.AtVersion(29)));
        Assert.Equal(30, await At(SnapshotPoint.AtVersion(30)));
        Assert.Equal(0, await At(SnapshotPoint.AtVersion(9)));
        Assert.Equal(100, await At(SnapshotPoint.AtVersion(1000)));
        Assert.Equal(20, await At(SnapshotPoint.AtTime(1000 + (10 * 28))));
        Assert.Equal(30, await At(SnapshotPoint.AtTime(1000 + (10 * 29))));
        Assert.Equal(0, await At(SnapshotPoint.AtTime(999)));
        Assert.Equal(100, await At(SnapshotPoint.Latest));
        Assert.Equal(Enumerable.Range(1, 10).Select(n => n * 10L), (await Store.ListMilestonesAsync(Key, Token)).Select(item => item.Version));
    }

    [Fact]
    public async Task A_milestone_keeps_its_name()
    {
        await FillAsync(20, milestoneEvery: 10);
        async Task Put(long version, string? name) => Assert.Equal(
            CommitResult.Committed,
            await Store.CommitAsync(
                new DocumentCommit
                {
                    Key = Key,
                    ExpectedVersion = 20,
                    Milestones = [new MilestoneSnapshot(Snapshot(Key, version, "{}"), name)],
                },
                Token));
        await Put(5, "early");
        await Put(10, "first draft");
        await Put(10, null);
        Assert.Equal([(5, "early"), (10, "first draft"), (20, null)], (await Store.ListMilestonesAsync(Key, Token)).Select(item => (item.Version, item.Name)));

        await Store.CommitAsync(new DocumentCommit { Key = Key, ExpectedVersion = 20, DropMilestones = [5, 20] }, Token);
        Assert.Equal("first draft", Assert.Single(await Store.ListMilestonesAsync(Key, Token)).Name);
    }

    [Fact]
    public async Task Dropped_operations_are_gone_and_nothing_else_is()
    {
        await FillAsync(30, milestoneEvery: 10);
        var commit = new DocumentCommit { Key = Key, ExpectedVersion = 30, DropOperationsBefore = 20 };
        Assert.Equal(CommitResult.Committed, await Store.CommitAsync(commit, Token));
        var left = await Store.ReadOperationsAsync(Key, 0, 100, Token);
        Assert.Equal((10, 20), (left.Count, left[0].Version));
        Assert.Equal(10, (await Store.ReadSnapshotAsync(Key, SnapshotPoint.AtVersion(15), Token)).Version);
        Assert.Null(await Store.FindOperationAsync(Key, Edit(19).Id, Token));
        Assert.NotNull(await Store.FindOperationAsync(Key, Edit(20).Id, Token));
        Assert.Equal(CommitResult.Committed, await EditAsync(Key, 30, 1, "{}"));
    }

    [Fact]
    public async Task Of_concurrent_commits_at_one_version_exactly_one_is_made()
    {
        await CreateAsync(Key, "{}");
        const int Writers = 8;
        const int Each = 40;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var sequence = 1; sequence <= Each;)
            {
                var version = (await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Version;
                var operation = Edit(version) with { Id = new OperationId("writer" + writer, sequence) };
                var result = await Store.CommitAsync(
                    new DocumentCommit
                    {
                        Key = Key,
                        ExpectedVersion = version,
                        Operations = [operation],
                        Snapshot = Snapshot(Key, version + 1, $$"""{"writer":{{writer}}}"""),
                    },
                    Token);
                Assert.NotEqual(CommitResult.DuplicateOperation, result);
                sequence += result == CommitResult.Committed ? 1 : 0;
            }
        }, Token)));
        var operations = await Store.ReadOperationsAsync(Key, 1, long.MaxValue, Token);
        Assert.Equal(Enumerable.Range(1, Writers * Each).Select(n => (long)n), operations.Select(operation => operation.Version));
        Assert.All(
            operations.GroupBy(operation => operation.Id.Source),
            group => Assert.Equal(Enumerable.Range(1, Each).Select(n => (long)n), group.Select(operation => operation.Id.Sequence)));
    }

    [Fact]
    public async Task Many_documents_are_written_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async n =>
        {
            var key = new DocumentKey("many", "doc" + n);
            Assert.Equal(CommitResult.Committed, await CreateAsync(key, $$"""{"n":{{n}}}"""));
            Assert.Equal(CommitResult.Committed, await EditAsync(key, 1, 2, $$"""{"n":{{n}}}"""));
        }));
        var found = await Store.QueryAsync("many", new DocumentQuery(), Token);
        Assert.Equal(200, found.Count);
        Assert.All(found, snapshot => Assert.Equal(($$"""{"n":{{snapshot.Key.Id[3..]}}}""", 3), (Text(snapshot.Data), snapshot.Version)));
    }

    protected async Task<CommitResult> EditAsync(DocumentKey key, long from, int count, string data) => await Store.CommitAsync(
        new DocumentCommit
        {
            Key = key,
            ExpectedVersion = from,
            Operations = [.. Enumerable.Range(0, count).Select(i => Edit(from + i))],
            Snapshot = Snapshot(key, from + count, data),
        },
        Token);

    private static bool Same(DocumentOperation? left, DocumentOperation? right) =>
        left is not null && right is not null
        && left.Data.Span.SequenceEqual(right.Data.Span) && left.Fixups.Span.SequenceEqual(right.Fixups.Span)
        && left with { Data = default, Fixups = default } == right with { Data = default, Fixups = default };

    private static DocumentOperation Edit(long version) => new()
    {
        Version = version,
        Id = new OperationId("editor", version),
        Kind = OperationKind.Edit,
        Data = "[]"u8.ToArray(),
        Time = 1000 + (version * 10),
    };

    private async Task FillAsync(int versions, int milestoneEvery)
    {
        await CreateAsync(Key, "{}");
        for (var version = 1; version < versions; version++)
        {
            var snapshot = Snapshot(Key, version + 1, "{}");
            var commit = new DocumentCommit
            {
                Key = Key,
                ExpectedVersion = version,
                Operations = [Edit(version)],
                Snapshot = snapshot,
                Milestones = (version + 1) % milestoneEvery == 0 ? [new MilestoneSnapshot(snapshot, null)] : [],
            };
            Assert.Equal(CommitResult.Committed, await Store.CommitAsync(commit, Token));
        }
    }
}
