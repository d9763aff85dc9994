using System.Text.Json;
using Starling.Documents.Storage;
using Starling.Documents.Subscriptions;
using Starling.Server.Backplane;

namespace Starling.Documents.Tests.ShareDb;

public sealed class QueryTests
{
    [Fact]
    public async Task A_live_query_follows_what_is_done_on_any_node()
    {
        var (store, hub) = (new MemoryDocumentStore(), new InMemoryBackplaneHub());
        await using var left = await RunningDocuments.StartAsync(store: store, backplane: new InMemoryBackplane(hub));
        await using var right = await RunningDocuments.StartAsync(store: store, backplane: new InMemoryBackplane(hub));
        await left.Documents.CreateAsync(new("c", "a"), "json0", """{"n":1}""");
        using var client = await right.ConnectAsync();
        var first = await client.AskAsync("""{"a":"qs","id":7,"c":"c","q":{"filter":{"n":{"$gte":1}},"sort":[["n",1]]}}""");
        Assert.Equal("a", first.GetProperty("data")[0].GetProperty("d").GetString());

        await left.Documents.CreateAsync(new("c", "b"), "json0", """{"n":0}""");
        await left.Documents.EditAsync(new("c", "b"), """[{"p":["n"],"na":5}]""");
        var inserted = await ChangeAsync(client);
        Assert.Equal(("insert", 1), (inserted.GetProperty("type").GetString(), inserted.GetProperty("index").GetInt32()));
        Assert.Equal("b", inserted.GetProperty("values")[0].GetProperty("d").GetString());

        await left.Documents.EditAsync(new("c", "a"), """[{"p":["n"],"na":9}]""");
        Assert.Equal("move", (await ChangeAsync(client)).GetProperty("type").GetString());
        await left.Documents.SubmitAsync(new("c", "a"), Starling.Documents.Hosting.DocumentChange.Delete(), TestContext.Current.CancellationToken);
        var removed = await ChangeAsync(client);
        Assert.Equal(("remove", 1), (removed.GetProperty("type").GetString(), removed.GetProperty("index").GetInt32()));

        await client.AskAsync("""{"a":"qu","id":7}""");
    }

    [Fact]
    public async Task A_query_that_is_resumed_brings_only_what_is_missing()
    {
        await using var server = await RunningDocuments.StartAsync();
        foreach (var id in (string[])["a", "b", "c"])
        {
            await server.Documents.CreateAsync(new("c", id), "json0", "{}");
        }

        await server.Documents.EditAsync(new("c", "a"), """[{"p":["n"],"oi":1}]""");
        using var client = await server.ConnectAsync();
        await client.SendAsync("""{"a":"qs","id":1,"c":"c","q":{},"r":[["a",1],["b",null],["gone",4]]}""");
        var messages = new List<JsonElement>();
        while (messages.Count == 0 || messages[^1].GetProperty("a").GetString() != "qs")
        {
            messages.Add(await client.ReceiveAsync());
        }

        Assert.Equal(1, Assert.Single(messages, message => message.GetProperty("a").GetString() == "op").GetProperty("v").GetInt32());
        Assert.Equal(1, messages[^1].GetProperty("data").GetProperty("b").GetProperty("v").GetInt32());
        var changes = Assert.Single(messages, message => message.GetProperty("a").GetString() == "q").GetProperty("diff");
        Assert.Equal("""["remove","insert"]""", JsonSerializer.Serialize(changes.EnumerateArray().Select(change => change.GetProperty("type").GetString())));
    }

    [Fact]
    public async Task A_projection_shows_and_takes_its_fields_only()
    {
        await using var server = await RunningDocuments.StartAsync(options => options.Projections.Add(new Projection("names", "people", ["name"])));
        var key = new DocumentKey("people", "1");
        await server.Documents.CreateAsync(key, "json0", """{"name":"Ann","salary":100}""");
        using var client = await server.ConnectAsync();
        var seen = await client.AskAsync("""{"a":"s","c":"names","d":"1","v":null}""");
        Assert.Equal("""{"name":"Ann"}""", seen.GetProperty("data").GetProperty("data").GetRawText());
        await server.Documents.EditAsync(key, """[{"p":["salary"],"na":1},{"p":["name"],"od":"Ann","oi":"Anna"}]""");
        var operation = await client.ReceiveAsync("op");
        Assert.Equal(("names", """[{"p":["name"],"od":"Ann","oi":"Anna"}]"""), (operation.GetProperty("c").GetString(), operation.GetProperty("op").GetRawText()));

        var refused = await client.AskAsync("""{"a":"op","c":"names","d":"1","v":2,"seq":1,"op":[{"p":["salary"],"na":1}]}""");
        Assert.Equal(DocumentErrors.NotAllowedInProjection, refused.GetProperty("error").GetProperty("code").GetString());
        Assert.False((await client.AskAsync("""{"a":"op","c":"names","d":"1","v":2,"seq":2,"op":[{"p":["name"],"oi":"Ann"}]}""")).TryGetProperty("error", out _));
        Assert.Equal("""{"name":"Ann","salary":101}""", await server.Documents.FetchTextAsync("people", "1"));
    }

    private static async Task<JsonElement> ChangeAsync(ProtocolClient client)
    {
        while (true)
        {
            var message = await client.ReceiveAsync();
            if (message.GetProperty("a").GetString() == "q")
            {
                return message.GetProperty("diff")[0];
            }
        }
    }
}
