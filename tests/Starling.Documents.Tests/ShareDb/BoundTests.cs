using System.Text.Json;
using Starling.Documents.Storage;

namespace Starling.Documents.Tests.ShareDb;

/// <summary>How much one client can make the server hold and do.</summary>
public sealed class BoundTests
{
    private static readonly DocumentKey Key = new("c", "d");

    [Fact]
    public async Task A_small_operation_does_not_make_a_document_that_is_too_large()
    {
        var store = new MemoryDocumentStore();
        await using var server = await RunningDocuments.StartAsync(options => options.MaxDocumentBytes = 4_000_000, store: store);
        var runs = string.Join(',', Enumerable.Range(0, 2_000).Select(i => $$"""{"insert":"x"{{(i % 2 == 0 ? "" : ",\"attributes\":{\"b\":1}")}}}"""));
        await server.Documents.CreateAsync(Key, "rich-text", $"[{runs}]");
        using var client = await server.ConnectAsync();
        var before = (await server.Documents.FetchTextAsync("c", "d")).Length;

        var refused = await client.AskAsync(
            $$"""{"a":"op","c":"c","d":"d","v":1,"seq":1,"op":[{"retain":2000,"attributes":{"link":"{{new string('y', 20_000)}}"} }]}""");

        Assert.Equal(DocumentErrors.DocumentTooLarge, Code(refused));
        Assert.Equal(before, (await server.Documents.FetchTextAsync("c", "d")).Length);
        Assert.Null(Code(await client.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":[{"insert":"y"}]}""")));
    }

    [Theory]
    [InlineData("rich-text", "[{\"insert\":\"T\"}]", """[{"insert":"x"}]""", """[{"delete":5}]""")]
    [InlineData("text-unicode", "\"T\"", """["x"]""", """[{"d":5}]""")]
    [InlineData("json0", "[\"T\",\"T\"]", """[{"p":[0],"li":1}]""", """[{"p":[0],"ld":0}]""")]
    [InlineData("letters", "\"T\"", """[0,"x"]""", "[0,5]")]
    public async Task A_document_over_the_limit_can_only_be_made_smaller(string type, string data, string growing, string shrinking)
    {
        var store = new MemoryDocumentStore();
        await using (var generous = await RunningDocuments.StartAsync(store: store))
        {
            await generous.Documents.CreateAsync(Key, type, data.Replace("T", new string('z', 3_000), StringComparison.Ordinal));
        }

        await using var server = await RunningDocuments.StartAsync(options => options.MaxDocumentBytes = 1_000, store: store);
        var refusal = await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, growing));
        Assert.Equal(DocumentErrors.DocumentTooLarge, refusal.Code);
        await server.Documents.EditAsync(Key, shrinking);
    }

    [Fact]
    public async Task An_operation_that_transformation_multiplies_is_refused()
    {
        await using var server = await RunningDocuments.StartAsync(options => (options.MaxOperationBytes, options.MaxDocumentBytes) = (50_000, 100_000_000));
        await server.Documents.CreateAsync(Key, "rich-text", $$"""[{"insert":"{{new string('x', 2_000)}}"}]""");
        var inserts = string.Join(',', Enumerable.Repeat("""{"retain":1},{"insert":"y"}""", 1_500));
        await server.Documents.EditAsync(Key, $"[{inserts}]");

        var large = $$"""[{"retain":2000,"attributes":{"link":"{{new string('y', 20_000)}}"} }]""";
        var refusal = await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, large, version: 1));

        Assert.Equal(DocumentErrors.OperationTooLarge, refusal.Code);
    }

    [Fact]
    public async Task Carrying_an_operation_over_others_has_an_end()
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, "json0", "[]");
        var inserts = "[" + string.Join(',', Enumerable.Repeat("""{"p":[0],"li":1}""", 12_000)) + "]";
        await server.Documents.EditAsync(Key, inserts);

        var refusal = await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, inserts, version: 1));

        Assert.Equal(DocumentErrors.OperationTooLarge, refusal.Code);
        Assert.Contains("Fetch the document", refusal.Message, StringComparison.Ordinal);
        await server.Documents.EditAsync(Key, """[{"p":[0],"li":1}]""", version: 1);
    }

    [Fact]
    public async Task An_operation_that_is_too_large_is_refused_and_the_connection_goes_on()
    {
        await using var server = await RunningDocuments.StartAsync(
            documents: options => options.MaxOperationBytes = 50_000,
            shareDb: options => options.WebSocket = new() { MaxMessageBytes = 60_000, MaxSendQueueBytes = 200_000 });
        await server.Documents.CreateAsync(Key, "letters", "\"\"");
        using var client = await server.ConnectAsync();
        await client.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");

        foreach (var length in (int[])[70_000, 3_000_000])
        {
            var refused = await client.AskAsync(
                $$"""{"a":"op","c":"c","d":"d","v":1,"src":"me","seq":7,"x":{},"op":[0,"{{new string('a', length)}}"]}""");
            Assert.Equal(DocumentErrors.OperationTooLarge, Code(refused));
            Assert.Equal(("op", "c", "d", 7, "me"), (
                refused.GetProperty("a").GetString(), refused.GetProperty("c").GetString(), refused.GetProperty("d").GetString(),
                refused.GetProperty("seq").GetInt32(), refused.GetProperty("src").GetString()));
        }

        var query = await client.AskAsync($$"""{"a":"qs","id":4,"c":"c","q":{"filter":{"x":"{{new string('a', 70_000)}}"} } }""");
        Assert.Equal((4, DocumentErrors.OperationTooLarge), (query.GetProperty("id").GetInt32(), Code(query)));
        Assert.Null(Code(await client.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":8,"op":[0,"fine"]}""")));
        Assert.Equal("\"fine\"", await server.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task An_image_of_5_MB_can_be_pasted()
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, "rich-text", "[]");
        using var client = await server.ConnectAsync();
        var image = Convert.ToBase64String(new byte[5 * 1024 * 1024]);
        Assert.Null(Code(await client.AskAsync(
            $$"""{"a":"op","c":"c","d":"d","v":1,"seq":1,"op":{"ops":[{"insert":{"image":"data:image/png;base64,{{image}}"} }] } }""")));
    }

    [Theory]
    [InlineData("""{"a":"f","c":"LONG","d":"d"}""")]
    [InlineData("""{"a":"s","c":"c","d":"LONG"}""")]
    [InlineData("""{"a":"op","c":"c","d":"LONG","v":0,"seq":1,"create":{"type":"json0"}}""")]
    [InlineData("""{"a":"bf","c":"c","b":["LONG"]}""")]
    [InlineData("""{"a":"bs","c":"c","b":{"LONG":1}}""")]
    [InlineData("""{"a":"ps","ch":"LONG","seq":1}""")]
    [InlineData("""{"a":"pu","ch":"LONG","seq":1}""")]
    [InlineData("""{"a":"p","ch":"x","id":"LONG","p":1,"pv":0}""")]
    [InlineData("""{"a":"qs","id":1,"c":"c","q":{},"r":[["LONG"]]}""")]
    public async Task Names_have_a_limit(string request)
    {
        await using var server = await RunningDocuments.StartAsync();
        using var client = await server.ConnectAsync();
        Assert.Equal(
            DocumentErrors.MessageBadlyFormed, Code(await client.AskAsync(request.Replace("LONG", new string('n', 1_001), StringComparison.Ordinal))));
        Assert.Equal(0, server.Engine.ActiveCount);
    }

    [Fact]
    public async Task Presences_and_queries_have_limits_in_bytes()
    {
        await using var server = await RunningDocuments.StartAsync(
            documents: options => (options.MaxQueryBytes, options.MaxQueryConditions) = (5_000, 3),
            shareDb: options => options.MaxPresenceBytes = 10_000);
        using var client = await server.ConnectAsync();
        var value = new string('p', 6_000);
        Assert.Null(Code(await client.AskAsync($$"""{"a":"p","ch":"x","id":"1","p":"{{value}}","pv":0}""")));
        Assert.Null(Code(await client.AskAsync($$"""{"a":"p","ch":"x","id":"1","p":"{{value}}","pv":1}""")));
        Assert.Equal(DocumentErrors.TooManySubscriptions, Code(await client.AskAsync($$"""{"a":"p","ch":"x","id":"2","p":"{{value}}","pv":0}""")));

        for (var i = 0; i < 4; i++)
        {
            await server.Documents.CreateAsync(new DocumentKey("c", "d" + i), "json0", $"\"{new string('d', 2_000)}\"");
        }

        Assert.Equal(DocumentErrors.QueryTooLarge, Code(await client.AskAsync("""{"a":"qf","id":1,"c":"c","q":{}}""")));
        Assert.Null(Code(await client.AskAsync("""{"a":"qf","id":1,"c":"c","q":{"limit":2}}""")));
        Assert.Equal(
            DocumentErrors.QueryTooLarge, Code(await client.AskAsync("""{"a":"qf","id":1,"c":"c","q":{"filter":{"a":1,"b":2,"c":3},"sort":[["d",1]]}}""")));
        Assert.Equal(
            DocumentErrors.QueryTooLarge, Code(await client.AskAsync($$"""{"a":"qf","id":1,"c":"c","q":{"filter":{"a":"{{new string('q', 20_000)}}"} } }""")));
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_is_refused_and_the_connection_goes_on()
    {
        await using var server = await RunningDocuments.StartAsync(
            shareDb: options => options.WebSocket = new() { MaxMessageBytes = 100_000, MaxSendQueueBytes = 100_000 });
        for (var i = 0; i < 3; i++)
        {
            await server.Documents.CreateAsync(new DocumentKey("c", "d" + i), "json0", $"\"{new string('d', 60_000)}\"");
        }

        using var client = await server.ConnectAsync();
        Assert.Equal(DocumentErrors.AnswerTooLarge, Code(await client.AskAsync("""{"a":"bf","c":"c","b":["d0","d1","d2"]}""")));
        Assert.Equal(DocumentErrors.AnswerTooLarge, Code(await client.AskAsync("""{"a":"bs","c":"c","b":["d0","d1","d2"]}""")));
        Assert.Null(Code(await client.AskAsync("""{"a":"bs","c":"c","b":["d0"]}""")));
    }

    [Fact]
    public async Task A_client_that_asks_too_quickly_is_slowed_down()
    {
        await using var server = await RunningDocuments.StartAsync(shareDb: options => options.MaxRequestsPerSecond = 50);
        using var client = await server.ConnectAsync();
        var started = TimeProvider.System.GetTimestamp();
        for (var n = 0; n < 150; n++)
        {
            await client.SendAsync($$"""{"a":"f","c":"c","d":"{{n}}","v":null}""");
        }

        for (var n = 0; n < 150; n++)
        {
            await client.ReceiveAsync("f");
        }

        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(0.8));
    }

    private static string? Code(JsonElement answer) =>
        answer.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : null;
}
