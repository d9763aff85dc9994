namespace Starling.Documents.Tests.ShareDb;

/// <summary>What one client may ask of the server.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Subscriptions_queries_and_presences_are_counted()
    {
        await using var server = await RunningDocuments.StartAsync(shareDb: options =>
        {
            options.MaxSubscriptions = 2;
            options.MaxQueries = 1;
            options.MaxPresences = 1;
        });
        using var client = await server.ConnectAsync();
        async Task Expect(string request, bool allowed) =>
            Assert.Equal(!allowed, (await client.AskAsync(request)).TryGetProperty("error", out _));

        await Expect("""{"a":"s","c":"c","d":"1","v":null}""", true);
        await Expect("""{"a":"s","c":"c","d":"2","v":null}""", true);
        await Expect("""{"a":"s","c":"c","d":"3","v":null}""", false);
        await Expect("""{"a":"s","c":"c","d":"2","v":null}""", true);
        await Expect("""{"a":"u","c":"c","d":"1"}""", true);
        await Expect("""{"a":"s","c":"c","d":"3","v":null}""", true);
        await Expect("""{"a":"qs","id":1,"c":"c","q":{}}""", true);
        await Expect("""{"a":"qs","id":2,"c":"c","q":{}}""", false);
        await Expect("""{"a":"qu","id":1}""", true);
        await Expect("""{"a":"qs","id":2,"c":"c","q":{}}""", true);
        await Expect("""{"a":"p","ch":"x","id":"1","p":1,"pv":0}""", true);
        await Expect("""{"a":"p","ch":"x","id":"2","p":1,"pv":0}""", false);
        await Expect("""{"a":"ps","ch":"x","seq":1}""", true);
        await Expect("""{"a":"ps","ch":"y","seq":2}""", false);
    }

    [Fact]
    public async Task A_client_that_submits_too_quickly_is_slowed_down_and_loses_nothing()
    {
        await using var server = await RunningDocuments.StartAsync(shareDb: options => options.MaxOperationsPerSecond = 50);
        using var client = await server.ConnectAsync();
        await client.AskAsync("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":{"type":"number-type"}}""");
        var started = TimeProvider.System.GetTimestamp();
        for (var n = 0; n < 150; n++)
        {
            await client.SendAsync($$"""{"a":"op","c":"c","d":"d","v":{{1 + n}},"seq":{{2 + n}},"op":1}""");
        }

        for (var n = 0; n < 150; n++)
        {
            Assert.False((await client.ReceiveAsync("op")).TryGetProperty("error", out _));
        }

        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(0.8));
        Assert.Equal("150", await server.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task A_query_that_finds_too_much_is_refused()
    {
        await using var server = await RunningDocuments.StartAsync(documents: options => options.MaxQueryResults = 3);
        for (var n = 0; n < 4; n++)
        {
            await server.Documents.CreateAsync(new DocumentKey("c", "d" + n), "number-type", "1");
        }

        using var client = await server.ConnectAsync();
        var refused = await client.AskAsync("""{"a":"qf","id":1,"c":"c","q":{}}""");
        Assert.Equal(DocumentErrors.QueryTooLarge, refused.GetProperty("error").GetProperty("code").GetString());
        var found = await client.AskAsync("""{"a":"qf","id":1,"c":"c","q":{"limit":3}}""");
        Assert.Equal(3, found.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_message_that_is_too_large_ends_the_connection_and_a_client_that_does_not_read_only_its_own()
    {
        await using var server = await RunningDocuments.StartAsync(
            documents: options => options.MaxOperationBytes = 100_000,
            shareDb: options => options.WebSocket = new() { MaxMessageBytes = 50_000, MaxSendQueueBytes = 200_000 });
        using var large = await server.ConnectAsync();
        await large.SendAsync($$"""{"a":"pp","x":"{{new string('x', 60_000)}}"}""");
        Assert.Equal("\"closed 1009\"", await large.ReceiveTextAsync());

        var key = new DocumentKey("c", "d");
        await server.Documents.CreateAsync(key, "letters", "\"\"");
        using var slow = await server.ConnectAsync();
        using var quick = await server.ConnectAsync();
        await slow.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        await quick.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        var text = new string('a', 90_000);
        for (var n = 0; n < 200; n++)
        {
            await server.Documents.EditAsync(key, n % 2 == 0 ? $"""[0,"{text}"]""" : "[0,90000]");
            Assert.Equal(n + 1, (await quick.ReceiveAsync("op")).GetProperty("v").GetInt32());
        }

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            for (var n = 0; n < 200; n++)
            {
                await slow.ReceiveAsync("op");
            }
        });
    }

    [Fact]
    public async Task Settings_that_cannot_work_are_refused_at_the_start()
    {
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => RunningDocuments.StartAsync(options => options.MaxOperationBytes = 0));
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => RunningDocuments.StartAsync(shareDb: options => options.MaxQueries = 0));
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => RunningDocuments.StartAsync(options =>
            {
                options.MilestoneInterval = 0;
                options.Retention = new() { MinOperations = 5 };
            }));
    }
}
