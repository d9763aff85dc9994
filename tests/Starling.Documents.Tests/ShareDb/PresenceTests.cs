using Starling.Documents.Storage;
using Starling.Server.Backplane;

namespace Starling.Documents.Tests.ShareDb;

public sealed class PresenceTests
{
    [Fact]
    public async Task A_presence_reaches_the_clients_of_all_nodes_and_goes_with_its_client()
    {
        var (store, hub) = (new MemoryDocumentStore(), new InMemoryBackplaneHub());
        await using var left = await RunningDocuments.StartAsync(store: store, backplane: new InMemoryBackplane(hub));
        await using var right = await RunningDocuments.StartAsync(store: store, backplane: new InMemoryBackplane(hub));
        using var near = await left.ConnectAsync();
        using var far = await right.ConnectAsync();
        await near.AskAsync("""{"a":"ps","ch":"room","seq":1}""");
        await far.AskAsync("""{"a":"ps","ch":"room","seq":1}""");
        await near.ReceiveAsync("pr");

        using (var client = await left.ConnectAsync())
        {
            var acknowledged = await client.AskAsync("""{"a":"p","ch":"room","id":"me","p":{"x":"\ud83d"},"pv":3}""");
            Assert.Equal(client.Id, acknowledged.GetProperty("src").GetString());
            foreach (var other in (ProtocolClient[])[near, far])
            {
                var seen = await other.ReceiveAsync("p");
                Assert.Equal(("me", 3, """{"x":"\ud83d"}"""), (seen.GetProperty("id").GetString(), seen.GetProperty("pv").GetInt32(), seen.GetProperty("p").GetRawText()));
                Assert.NotEqual(client.Id, seen.GetProperty("src").GetString());
            }
        }

        Assert.Equal("null", (await near.ReceiveAsync("p")).GetProperty("p").GetRawText());
        Assert.Equal("null", (await far.ReceiveAsync("p")).GetProperty("p").GetRawText());
    }

    [Fact]
    public async Task A_presence_in_a_document_is_carried_to_its_newest_version()
    {
        await using var server = await RunningDocuments.StartAsync();
        var key = new DocumentKey("c", "d");
        await server.Documents.CreateAsync(key, "letters", "\"world\"");
        using var watcher = await server.ConnectAsync();
        await watcher.AskAsync("""{"a":"ps","ch":"c.d","seq":1}""");
        using var client = await server.ConnectAsync();
        await server.Documents.EditAsync(key, """[0,"hello "]""");
        await client.AskAsync("""{"a":"p","ch":"c.d","id":"me","p":3,"pv":0,"c":"c","d":"d","v":1,"t":"letters"}""");
        var seen = await watcher.ReceiveAsync("p");
        Assert.Equal((9, 2), (seen.GetProperty("p").GetInt32(), seen.GetProperty("v").GetInt32()));

        var failed = await client.AskAsync("""{"a":"p","ch":"c.d","id":"me","p":"nowhere","pv":1,"c":"c","d":"d","v":1,"t":"letters"}""");
        Assert.True(failed.TryGetProperty("error", out _));
    }

    [Fact]
    public async Task A_presence_whose_client_is_gone_ends_at_the_newest_version_since_nobody_could_carry_it_there()
    {
        await using var server = await RunningDocuments.StartAsync();
        var key = new DocumentKey("c", "d");
        await server.Documents.CreateAsync(key, "letters", "\"world\"");
        using var watcher = await server.ConnectAsync();
        await watcher.AskAsync("""{"a":"ps","ch":"c.d","seq":1}""");
        using (var client = await server.ConnectAsync())
        {
            await client.AskAsync("""{"a":"p","ch":"c.d","id":"me","p":3,"pv":0,"c":"c","d":"d","v":1,"t":"letters"}""");
            await watcher.ReceiveAsync("p");
            await server.Documents.EditAsync(key, """[0,"hello "]""");
        }

        var gone = await watcher.ReceiveAsync("p");
        Assert.Equal(("null", 2), (gone.GetProperty("p").GetRawText(), gone.GetProperty("v").GetInt32()));
    }

    [Fact]
    public async Task A_client_that_is_back_is_asked_for_its_presence_where_it_subscribes_and_where_it_only_sends()
    {
        await using var server = await RunningDocuments.StartAsync();
        string id;
        using (var client = await server.ConnectAsync())
        {
            id = client.Id;
            await client.AskAsync("""{"a":"ps","ch":"both","seq":1}""");
            await client.AskAsync("""{"a":"p","ch":"both","id":"me","p":1,"pv":0}""");
            await client.AskAsync("""{"a":"p","ch":"sends","id":"me","p":1,"pv":0}""");
            await client.AskAsync("""{"a":"p","ch":"left","id":"me","p":1,"pv":0}""");
            await client.AskAsync("""{"a":"p","ch":"left","id":"me","p":null,"pv":1}""");
        }

        while (server.Clients > 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        using var back = await server.OpenAsync();
        await back.SendAsync($$"""{"a":"hs","id":"{{id}}","protocol":1,"protocolMinor":2}""");
        Assert.Equal("sends", (await back.ReceiveAsync("pr")).GetProperty("ch").GetString());
        await back.ReceiveAsync("hs");
        await back.SendAsync("""{"a":"ps","ch":"both","seq":2}""");
        Assert.Equal("both", (await back.ReceiveAsync("pr")).GetProperty("ch").GetString());
        await back.ReceiveAsync("ps");
        Assert.Equal("pp", (await back.AskAsync("""{"a":"pp"}""")).GetProperty("a").GetString());
    }

    [Fact]
    public async Task Where_presence_is_off_there_is_no_answer()
    {
        await using var server = await RunningDocuments.StartAsync(shareDb: options => options.Presence = false);
        using var client = await server.ConnectAsync();
        await client.SendAsync("""{"a":"ps","ch":"x","seq":1}""");
        await client.SendAsync("""{"a":"p","ch":"x","id":"me","p":1,"pv":0}""");
        Assert.Equal("pp", (await client.AskAsync("""{"a":"pp"}""")).GetProperty("a").GetString());
        Assert.Equal("pu", (await client.AskAsync("""{"a":"pu","ch":"x","seq":2}""")).GetProperty("a").GetString());
    }
}
