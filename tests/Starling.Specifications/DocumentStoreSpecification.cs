using System.Text;
using Starling.Documents;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;

namespace Starling.Specifications;

/// <summary>What every document store has to do, whatever it keeps documents in.</summary>
public abstract class DocumentStoreSpecification : IAsyncLifetime
{
    private const string Type = "http://sharejs.org/types/JSONv0";
    private IDocumentStore? _store;

    protected IDocumentStore Store => _store!;

    protected static DocumentKey Key { get; } = new("things", "one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        switch (_store)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }

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

    [Theory]
    [InlineData("""{"filter":{"t":"a\u0000b"}}""", "nul")]
    [InlineData("""{"filter":{"t":"a"}}""", "a")]
    [InlineData("""{"filter":{"t":{"$gt":"a","$lt":"b"}}}""", "long nul")]
    [InlineData("""{"filter":{"t":{"$ne":"a"}},"sort":[["t",1]]}""", "back big line n quote nul long lone pair")]
    [InlineData("""{"filter":{"t":{"$gte":"b"}},"sort":[["t",-1]]}""", "pair lone")]
    [InlineData("""{"filter":{"a\\b":1}}""", "back")]
    [InlineData("""{"filter":{"x\ny":1}}""", "line")]
    [InlineData("""{"filter":{"it's":1}}""", "quote")]
    [InlineData("""{"filter":{"n":0.1}}""", "n")]
    [InlineData("""{"filter":{"n":{"$gte":0.1,"$lt":0.2}}}""", "n")]
    [InlineData("""{"filter":{"n":1e300}}""", "big")]
    [InlineData("""{"sort":[["n",1]],"skip":8,"limit":2}""", "n big")]
    public async Task Queries_mean_the_same_of_unusual_texts_and_names(string query, string expected)
    {
        (string Id, string Data)[] documents =
        [
            ("a", """{"t":"a"}"""), ("back", """{"a\\b":1}"""), ("big", """{"n":1e+300}"""), ("line", """{"x\ny":1}"""), ("lone", """{"t":"b\ud83d"}"""),
            ("long", """{"t":"aa"}"""), ("n", """{"n":0.1}"""), ("nul", """{"t":"a\u0000b"}"""), ("pair", """{"t":"b😀"}"""), ("quote", """{"it's":1,"\ud83d":2}"""),
        ];
        foreach (var (id, data) in documents)
        {
            await CreateAsync(Key with { Id = id }, data);
        }

        var found = await Store.QueryAsync(Key.Collection, QueryParser.Parse(Encoding.UTF8.GetBytes(query)), Token);
        var ids = found.Select(snapshot => snapshot.Key.Id);
        Assert.Equal(expected.Split(' '), query.Contains("sort", StringComparison.Ordinal) ? ids : ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_query_ends_where_its_contents_become_too_many_and_may_leave_them_out()
    {
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(Key with { Id = "d" + i }, "\"" + new string('x', 100) + "\"");
        }

        Assert.Equal(3, (await Store.QueryAsync(Key.Collection, new DocumentQuery { MaxBytes = 250 }, Token)).Count);
        Assert.Equal(2, (await Store.QueryAsync(Key.Collection, new DocumentQuery { MaxBytes = 250, Skip = 3 }, Token)).Count);
        var names = await Store.QueryAsync(Key.Collection, new DocumentQuery { MaxBytes = 250, WithoutData = true }, Token);
        Assert.Equal((5, 0), (names.Count, names.Sum(snapshot => snapshot.Data.Length)));
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

    [Theory]
    [InlineData("""{"filter":{"kind":"pear"}}""", "b d")]
    [InlineData("""{"filter":{"price":{"$gt":2,"$lte":4}}}""", "c d")]
    [InlineData("""{"filter":{"price":{"$ne":1}}}""", "b c d e f")]
    [InlineData("""{"filter":{"price":null}}""", "e")]
    [InlineData("""{"filter":{"name":{"$lt":"b"}}}""", "a f")]
    [InlineData("""{"filter":{"maker.town":"Köln"}}""", "a c")]
    [InlineData("""{"filter":{"kind":"pear","price":4}}""", "d")]
    [InlineData("""{"filter":{"ripe":true}}""", "a")]
    [InlineData("""{"filter":{"list":"x"}}""", "")]
    [InlineData("""{"sort":[["price",1]]}""", "e a b c d f")]
    [InlineData("""{"sort":[["price",-1]]}""", "f d c b a e")]
    [InlineData("""{"sort":[["kind",1],["price",-1]]}""", "f e c a d b")]
    [InlineData("""{"sort":[["price",1]],"skip":1,"limit":2}""", "a b")]
    [InlineData("""{"limit":2}""", "a b")]
    [InlineData("""{}""", "a b c d e f")]
    public async Task Queries_find_by_field_and_order(string query, string expected)
    {
        (string Id, string Data)[] documents =
        [
            ("a", """{"kind":"apple","price":1,"name":"anna","maker":{"town":"Köln"},"ripe":true}"""),
            ("b", """{"kind":"pear","price":2,"name":"b"}"""),
            ("c", """{"kind":"apple","price":3,"name":"c","maker":{"town":"Köln"},"ripe":false}"""),
            ("d", """{"kind":"pear","price":4,"name":"\ud83d lone"}"""),
            ("e", """["no object"]"""),
            ("f", """{"price":"dear","name":"adam","list":["x"]}"""),
        ];
        foreach (var (id, data) in documents)
        {
            await CreateAsync(new DocumentKey("shop", id), data);
        }

        await CreateAsync(new DocumentKey("elsewhere", "a"), """{"kind":"pear","price":4}""");
        var found = await Store.QueryAsync("shop", QueryParser.Parse(Encoding.UTF8.GetBytes(query)), Token);
        Assert.Equal(expected, string.Join(' ', found.Select(snapshot => snapshot.Key.Id)));
        Assert.All(found, snapshot => Assert.Equal(documents.Single(item => item.Id == snapshot.Key.Id).Data, Text(snapshot.Data)));
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

    /// <summary>Makes an empty store.</summary>
    protected abstract ValueTask<IDocumentStore> OpenAsync();

    protected async Task<CommitResult> CreateAsync(DocumentKey key, string data) => await Store.CommitAsync(
        new DocumentCommit { Key = key, ExpectedVersion = 0, Operations = [Creation(data)], Snapshot = Snapshot(key, 1, data) }, Token);

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

    protected static DocumentOperation Creation(string data) => new()
    {
        Version = 0,
        Id = new OperationId("creator", 1),
        Kind = OperationKind.Create,
        Type = Type,
        Data = Encoding.UTF8.GetBytes(data),
        Time = 1000,
    };

    private static DocumentOperation Edit(long version) => new()
    {
        Version = version,
        Id = new OperationId("editor", version),
        Kind = OperationKind.Edit,
        Data = "[]"u8.ToArray(),
        Time = 1000 + (version * 10),
    };

    protected static DocumentSnapshot Snapshot(DocumentKey key, long version, string data) => new()
    {
        Key = key,
        Version = version,
        Type = Type,
        Data = Encoding.UTF8.GetBytes(data),
        CreatedTime = 1000,
        ModifiedTime = 1000 + ((version - 1) * 10),
    };

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

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
