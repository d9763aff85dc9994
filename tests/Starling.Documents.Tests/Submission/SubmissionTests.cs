using System.Text;
using Starling.Documents.Hosting;
using Starling.Documents.Storage;
using Starling.Server.Backplane;
using Starling.Server.Tests;

namespace Starling.Documents.Tests.Submission;

public sealed class SubmissionTests
{
    private static readonly DocumentKey Key = new("c", "d");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Concurrent_submissions_are_committed_in_batches_and_all_of_them()
    {
        var store = new FaultyStore(new MemoryDocumentStore()) { BeforeCommit = _ => Task.Delay(5, Token) };
        await using var server = await RunningDocuments.StartAsync(store: store);
        await server.Documents.CreateAsync(Key, "number-type", "0");
        var commits = store.Commits;
        var operations = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => server.Documents.EditAsync(Key, "1")));

        Assert.Equal("500", await server.Documents.FetchTextAsync("c", "d"));
        Assert.Equal(Enumerable.Range(1, 500).Select(n => (long)n), operations.Select(operation => operation.Version).Order());
        Assert.InRange(store.Commits - commits, 1, 100);
    }

    [Fact]
    public async Task A_refused_submission_does_not_hurt_those_it_was_committed_with()
    {
        var store = new FaultyStore(new MemoryDocumentStore());
        await using var server = await RunningDocuments.StartAsync(store: store);
        await server.Documents.CreateAsync(Key, "letters", "\"abc\"");
        var gate = new TaskCompletionSource();
        store.BeforeCommit = _ => gate.Task;
        var first = server.Documents.EditAsync(Key, """[0,"x"]""");
        var good = server.Documents.EditAsync(Key, """[0,"y"]""");
        var bad = server.Documents.EditAsync(Key, """[100,"z"]""");
        var last = server.Documents.EditAsync(Key, """[0,"w"]""");
        gate.SetResult();
        Assert.Equal(DocumentErrors.OperationNotApplied, (await Assert.ThrowsAsync<DocumentException>(() => bad)).Code);
        await Task.WhenAll(first, good, last);
        Assert.Equal("\"wyxabc\"", await server.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task An_operation_with_an_identity_is_made_once_however_often_it_is_submitted()
    {
        var store = new MemoryDocumentStore();
        var change = DocumentChange.Edit("1"u8.ToArray()) with { Id = new OperationId("importer", 7) };
        await using (var server = await RunningDocuments.StartAsync(store: store))
        {
            await server.Documents.CreateAsync(Key, "number-type", "0");
            var both = await Task.WhenAll(server.Documents.SubmitAsync(Key, change, Token), server.Documents.SubmitAsync(Key, change, Token));
            Assert.Equal(both[0], both[1]);
        }

        // A restart, and the operation has left the tail.
        await using var again = await RunningDocuments.StartAsync(documents: options => options.MaxTailOperations = 2, store: store);
        for (var i = 0; i < 10; i++)
        {
            await again.Documents.EditAsync(Key, "10");
        }

        Assert.Equal(1, (await again.Documents.SubmitAsync(Key, change, Token)).Version);
        Assert.Equal(1, (await again.Documents.SubmitAsync(Key, change with { BaseVersion = 5 }, Token)).Version);
        Assert.Equal("101", await again.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task Two_nodes_may_serve_one_document()
    {
        var (store, hub) = (new MemoryDocumentStore(), new InMemoryBackplaneHub());
        await using var left = await RunningDocuments.StartAsync(store: store, backplane: new InMemoryBackplane(hub));
        await using var right = await RunningDocuments.StartAsync(store: store, backplane: new InMemoryBackplane(hub));
        await left.Documents.CreateAsync(Key, "number-type", "0");
        using var client = await right.ConnectAsync();
        await client.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(n => (n % 2 == 0 ? left : right).Documents.EditAsync(Key, "1")));
        for (var version = 1; version <= 200; version++)
        {
            Assert.Equal(version, (await client.ReceiveAsync("op")).GetProperty("v").GetInt32());
        }

        Assert.Equal("200", await left.Documents.FetchTextAsync("c", "d"));
        Assert.Equal("200", await right.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task A_node_that_hears_nothing_of_the_others_still_knows_what_they_did()
    {
        // Each is alone on its backplane, but told that it is not.
        var store = new MemoryDocumentStore();
        await using var left = await RunningDocuments.StartAsync(store: store, backplane: new SilentBackplane());
        await using var right = await RunningDocuments.StartAsync(store: store, backplane: new SilentBackplane());
        await left.Documents.CreateAsync(Key, "letters", "\"\"");
        for (var round = 0; round < 20; round++)
        {
            Assert.Equal(round, (await right.Documents.FetchTextAsync("c", "d")).Length - 2);
            var operation = await left.Documents.EditAsync(Key, """[0,"a"]""");
            await right.Documents.EditAsync(Key, """[0,"b"]""", version: operation.Version + 1);
            await left.Documents.EditAsync(Key, "[0,1]", version: operation.Version + 1);
        }
    }

    [Fact]
    public async Task A_race_that_is_lost_again_and_again_is_given_up()
    {
        var inner = new MemoryDocumentStore();
        var store = new FaultyStore(inner);
        await using var server = await RunningDocuments.StartAsync(documents: options => options.MaxSubmitRetries = 3, store: store);
        await server.Documents.CreateAsync(Key, "number-type", "0");
        var intruder = 0;
        store.BeforeCommit = async commit =>
        {
            var operation = commit.Operations[0] with { Id = new OperationId("intruder", ++intruder), Version = commit.ExpectedVersion };
            await inner.CommitAsync(commit with { Operations = [operation] }, Token);
        };
        var refusal = await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, "1"));
        Assert.Equal(DocumentErrors.MaxRetriesExceeded, refusal.Code);
        Assert.Equal(4, intruder);
        store.BeforeCommit = _ => Task.CompletedTask;
        await server.Documents.EditAsync(Key, "1");
        Assert.Equal("5", await server.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task A_commit_that_failed_after_it_was_made_is_found_out()
    {
        var store = new FaultyStore(new MemoryDocumentStore());
        await using var server = await RunningDocuments.StartAsync(store: store);
        await server.Documents.CreateAsync(Key, "number-type", "0");
        using var client = await server.ConnectAsync();
        await client.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        store.AfterCommit = _ => throw new IOException("The line went dead.");
        var change = DocumentChange.Edit("1"u8.ToArray()) with { Id = new OperationId("importer", 1) };
        var failure = await Assert.ThrowsAsync<DocumentException>(() => server.Documents.SubmitAsync(Key, change, Token));
        Assert.Equal(DocumentErrors.StoreFailed, failure.Code);

        store.AfterCommit = _ => Task.CompletedTask;
        Assert.Equal(1, (await server.Documents.SubmitAsync(Key, change, Token)).Version);
        Assert.Equal("1", await server.Documents.FetchTextAsync("c", "d"));
        Assert.Equal(1, (await client.ReceiveAsync("op")).GetProperty("v").GetInt32());
    }

    [Fact]
    public async Task What_lies_before_the_tail_is_read_from_the_store()
    {
        await using var server = await RunningDocuments.StartAsync(documents: options => options.MaxTailOperations = 3);
        await server.Documents.CreateAsync(Key, "letters", "\"\"");
        for (var i = 0; i < 20; i++)
        {
            await server.Documents.EditAsync(Key, """[0,"a"]""");
        }

        await server.Documents.EditAsync(Key, """[0,"z"]""", version: 1);
        var text = await server.Documents.FetchTextAsync("c", "d");
        Assert.Equal((23, 1), (text.Length, text.Count(letter => letter == 'z')));
    }

    [Theory]
    [InlineData("delete", "edit", DocumentErrors.WasDeleted)]
    [InlineData("delete", "create", DocumentErrors.WasDeleted)]
    [InlineData("delete", "delete", null)]
    [InlineData("edit", "create", DocumentErrors.AlreadyCreated)]
    [InlineData("edit", "delete", null)]
    [InlineData("edit", "edit", null)]
    public async Task What_meets_what_ends_as_in_the_original(string committed, string submitted, string? code)
    {
        DocumentChange Change(string name) => name switch
        {
            "create" => DocumentChange.Create("number-type"),
            "delete" => DocumentChange.Delete(),
            _ => DocumentChange.Edit("1"u8.ToArray()),
        };
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, "number-type", "0");
        await server.Documents.SubmitAsync(Key, Change(committed), Token);
        var submitting = server.Documents.SubmitAsync(Key, Change(submitted) with { BaseVersion = 1 }, Token);
        if (code is null)
        {
            Assert.Equal(2, (await submitting).Version);
        }
        else
        {
            Assert.Equal(code, (await Assert.ThrowsAsync<DocumentException>(() => submitting)).Code);
        }
    }

    [Fact]
    public async Task Operations_and_documents_have_a_largest_size()
    {
        await using var server = await RunningDocuments.StartAsync(documents: options =>
        {
            options.MaxOperationBytes = 100;
            options.MaxDocumentBytes = 250;
        });
        await server.Documents.CreateAsync(Key, "letters", "\"\"");
        string Insert(int count) => $"""[0,"{new string('a', count)}"]""";
        Assert.Equal(DocumentErrors.OperationTooLarge, (await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, Insert(100)))).Code);
        await server.Documents.EditAsync(Key, Insert(80));
        await server.Documents.EditAsync(Key, Insert(80));
        await server.Documents.EditAsync(Key, Insert(80));
        Assert.Equal(DocumentErrors.DocumentTooLarge, (await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, Insert(80)))).Code);
        await server.Documents.EditAsync(Key, "[0,100]");
        await server.Documents.EditAsync(Key, Insert(80));
        Assert.Equal(222, (await server.Documents.FetchTextAsync("c", "d")).Length);
    }

    [Fact]
    public async Task Whoever_reads_documents_without_end_does_not_fill_the_memory_and_those_in_use_stay()
    {
        await using var server = await RunningDocuments.StartAsync(documents: options => options.MaxIdleDocuments = 100);
        using var subscriber = await server.ConnectAsync();
        await subscriber.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        using var reader = await server.ConnectAsync();
        for (var i = 0; i < 20; i++)
        {
            var ids = string.Join(',', Enumerable.Range(i * 1_000, 1_000).Select(id => $"\"{id}\""));
            await reader.AskAsync($$"""{"a":"bf","c":"c","b":[{{ids}}]}""");
        }

        await Eventually.TrueAsync(() => server.Engine.ActiveCount < 2_000, "the documents are evicted long before they were idle for a minute");
        await server.Documents.CreateAsync(Key, "letters", "\"a\"");
        Assert.True((await subscriber.ReceiveAsync("op")).TryGetProperty("create", out _));
    }

    [Fact]
    public async Task An_idle_document_leaves_memory_and_its_snapshot_catches_up_first()
    {
        var (store, time) = (new MemoryDocumentStore(), new ManualTime());
        await using var server = await RunningDocuments.StartAsync(
            shareDb: options => options.WebSocket = options.WebSocket with { PingInterval = TimeSpan.Zero }, store: store, time: time);
        await server.Documents.CreateAsync(Key, "letters", $"\"{new string('a', 10_000)}\"");
        await server.Documents.EditAsync(Key, """[0,"b"]""");
        Assert.Equal(1, (await store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Version);

        using var client = await server.ConnectAsync();
        await client.AskAsync("""{"a":"s","c":"c","d":"d","v":2}""");
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, server.Engine.ActiveCount);
        await client.AskAsync("""{"a":"u","c":"c","d":"d"}""");
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(2));
                return server.Engine.ActiveCount == 0;
            },
            "the document is evicted");
        Assert.Equal(2, (await store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Version);
        Assert.StartsWith("\"ba", await server.Documents.FetchTextAsync("c", "d"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_text_is_not_stored_whole_for_every_edit()
    {
        var written = 0L;
        var store = new FaultyStore(new MemoryDocumentStore())
        {
            BeforeCommit = commit =>
            {
                written += (commit.Snapshot?.Data.Length ?? 0) + commit.Operations.Sum(operation => operation.Data.Length);
                return Task.CompletedTask;
            },
        };
        await using var server = await RunningDocuments.StartAsync(documents: options => options.MilestoneInterval = 0, store: store);
        await server.Documents.CreateAsync(Key, "letters", $"\"{new string('a', 100_000)}\"");
        for (var i = 0; i < 1000; i++)
        {
            await server.Documents.EditAsync(Key, """[0,"b"]""");
        }

        Assert.InRange(written, 100_000, 2_000_000);
        Assert.Equal(101_002, Encoding.UTF8.GetByteCount(await server.Documents.FetchTextAsync("c", "d")));
    }

    [Fact]
    public async Task A_subscriber_on_the_server_gets_every_operation_once_and_in_order()
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, "number-type", "0");
        var reading = Task.Run(
            async () =>
            {
                var versions = new List<long>();
                await foreach (var operation in server.Documents.SubscribeAsync(Key, fromVersion: 0, Token))
                {
                    versions.Add(operation.Version);
                    if (versions.Count == 301)
                    {
                        break;
                    }
                }

                return versions;
            },
            Token);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => server.Documents.EditAsync(Key, "1")));
        Assert.Equal(Enumerable.Range(0, 301).Select(n => (long)n), await reading.WaitAsync(TimeSpan.FromSeconds(10), Token));
    }
}
