using Starling.Server.Tests;

namespace Starling.Documents.Tests.ShareDb;

/// <summary>How much memory documents and those who follow them take.</summary>
public sealed class MemoryTests
{
    private static readonly DocumentKey Key = new("c", "d");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Documents_in_memory_have_a_limit_in_bytes_and_their_subscribers_miss_nothing(bool sqlite)
    {
        const int Documents = 20;
        await using var store = new TestStore(sqlite);
        await using var server = await RunningDocuments.StartAsync(options => options.MaxDocumentMemoryBytes = 1_000_000, store: store.Store);
        using var subscriber = await server.ConnectAsync();
        for (var i = 0; i < Documents; i++)
        {
            await server.Documents.CreateAsync(new DocumentKey("c", $"d{i}"), "letters", $"\"{new string('x', 200_000)}\"");
            Assert.Equal("s", (await subscriber.AskAsync($$"""{"a":"s","c":"c","d":"d{{i}}","v":1}""")).GetProperty("a").GetString());
        }

        await Eventually.TrueAsync(() => server.Engine.ActiveBytes <= 1_000_000, "the documents that were not used for longest leave memory");
        Assert.Equal(Documents, server.Engine.ActiveCount);
        for (var round = 1; round <= 3; round++)
        {
            for (var i = 0; i < Documents; i++)
            {
                await server.Documents.EditAsync(new DocumentKey("c", $"d{i}"), """[0,"y"]""");
                var operation = await subscriber.ReceiveAsync("op");
                Assert.Equal(($"d{i}", round), (operation.GetProperty("d").GetString(), operation.GetProperty("v").GetInt32()));
            }
        }

        await Eventually.TrueAsync(() => server.Engine.ActiveBytes <= 1_000_000, "documents that were read again leave memory again");
        Assert.Equal(200_003 + 2, (await server.Documents.FetchTextAsync("c", "d0")).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_document_larger_than_the_limit_can_be_used(bool sqlite)
    {
        await using var store = new TestStore(sqlite);
        await using var server = await RunningDocuments.StartAsync(options => options.MaxDocumentMemoryBytes = 1_000, store: store.Store);
        await server.Documents.CreateAsync(Key, "rich-text", $$"""[{"insert":"{{new string('x', 5_000)}}"}]""");
        using var client = await server.ConnectAsync();
        await client.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        for (var version = 1; version < 20; version++)
        {
            await server.Documents.EditAsync(Key, """[{"insert":"y"}]""");
            Assert.Equal(version, (await client.ReceiveAsync("op")).GetProperty("v").GetInt32());
        }

        await Eventually.TrueAsync(() => server.Engine.ActiveBytes == 0, "it leaves memory after use");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_document_whose_content_left_memory_leaves_with_its_last_subscriber_and_counts_nothing(bool sqlite)
    {
        var time = new ManualTime();
        await using var store = new TestStore(sqlite);
        await using var server = await RunningDocuments.StartAsync(
            options => options.MaxDocumentMemoryBytes = 1_000, store: store.Store, time: time,
            shareDb: options => options.WebSocket = options.WebSocket with { PingInterval = TimeSpan.Zero });
        await server.Documents.CreateAsync(Key, "letters", $"\"{new string('x', 5_000)}\"");
        await server.Documents.CreateAsync(new DocumentKey("c", "small"), "letters", "\"\"");
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(2));
                return server.Engine.ActiveCount == 0 && server.Engine.ActiveBytes == 0;
            },
            "idle documents leave");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_of_large_operations_is_sent_whole_and_an_operation_far_behind_is_refused(bool sqlite)
    {
        await using var store = new TestStore(sqlite);
        await using var server = await RunningDocuments.StartAsync(store: store.Store);
        await server.Documents.CreateAsync(Key, "json0", "{}");
        var value = new string('v', 3_000_000);
        for (var i = 0; i < 12; i++)
        {
            await server.Documents.EditAsync(Key, $$"""[{"p":["x"],"oi":"{{i}}{{value}}"}]""");
        }

        using var client = await server.ConnectAsync();
        await client.SendAsync("""{"a":"f","c":"c","d":"d","v":1}""");
        for (var version = 1; version <= 12; version++)
        {
            Assert.Equal(version, (await client.ReceiveAsync("op")).GetProperty("v").GetInt32());
        }

        await client.ReceiveAsync("f");
        var refusal = await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, """[{"p":["y"],"oi":1}]""", version: 1));
        Assert.Equal(DocumentErrors.OperationTooLarge, refusal.Code);
        await server.Documents.EditAsync(Key, """[{"p":["y"],"oi":1}]""", version: 9);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_for_which_too_much_waits_is_told_to_reconnect(bool live)
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await RunningDocuments.StartAsync(
            options => options.Middleware.ReadSnapshots.Use(async (_, _) =>
            {
                entered.TrySetResult();
                await release.Task;
            }),
            shareDb: options => options.WebSocket = new() { MaxMessageBytes = 100_000, MaxSendQueueBytes = 100_000 });
        await server.Documents.CreateAsync(Key, "json0", "{}");
        using var client = await server.ConnectAsync();
        await client.SendAsync(live ? """{"a":"qs","id":1,"c":"c","q":{}}""" : """{"a":"s","c":"c","d":"d","v":null}""");
        await entered.Task;
        for (var i = 0; i < 5; i++)
        {
            await server.Documents.EditAsync(Key, $$"""[{"p":["x"],"oi":"{{i}}{{new string('v', 30_000)}}"}]""");
        }

        Assert.Equal("\"closed 1013\"", await client.ReceiveTextAsync());
        release.SetResult();
    }

    [Fact]
    public async Task What_waits_for_the_application_counts_until_it_was_sent()
    {
        var release = new SemaphoreSlim(0);
        await using var server = await RunningDocuments.StartAsync(
            options => options.Middleware.Operation.Use(async (_, token) => await release.WaitAsync(token)),
            shareDb: options => options.WebSocket = new() { MaxMessageBytes = 100_000, MaxSendQueueBytes = 100_000 });
        await server.Documents.CreateAsync(Key, "json0", "{}");
        using var client = await server.ConnectAsync();
        await client.AskAsync("""{"a":"s","c":"c","d":"d","v":1}""");
        for (var i = 1; i < 10; i++)
        {
            await server.Documents.EditAsync(Key, $$"""[{"p":["x"],"oi":"{{i}}{{new string('v', 30_000)}}"}]""");
            release.Release();
            Assert.Equal(i, (await client.ReceiveAsync("op")).GetProperty("v").GetInt32());
        }

        for (var i = 0; i < 5; i++)
        {
            await server.Documents.EditAsync(Key, $$"""[{"p":["x"],"oi":"{{i}}{{new string('v', 30_000)}}"}]""");
        }

        Assert.Equal("\"closed 1013\"", await client.ReceiveTextAsync());
        release.Release(10);
    }
}
