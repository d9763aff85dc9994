using System.Text.Json;
using Starling.Documents.Hosting;

namespace Starling.Documents.Tests.ShareDb;

/// <summary>The protocol message by message.</summary>
public sealed class ProtocolTests
{
    private const string Create = """{"a":"op","c":"c","d":"d","v":0,"seq":1,"x":{},"create":{"type":"number-type","data":5}}""";

    [Fact]
    public async Task The_server_greets_and_answers_each_handshake()
    {
        await using var server = await RunningDocuments.StartAsync();
        using var client = await server.ConnectAsync();
        var again = await client.AskAsync("""{"a":"hs","id":null,"protocol":1,"protocolMinor":2}""");
        Assert.Equal(client.Id, again.GetProperty("id").GetString());
        Assert.Equal((1, 2), (again.GetProperty("protocol").GetInt32(), again.GetProperty("protocolMinor").GetInt32()));
        Assert.Equal("http://sharejs.org/types/JSONv0", again.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_document_is_created_edited_and_read()
    {
        await using var server = await RunningDocuments.StartAsync();
        using var client = await server.ConnectAsync();
        Assert.Equal($$"""{"a":"op","src":"{{client.Id}}","seq":1,"v":0,"c":"c","d":"d"}""", Text(await client.AskAsync(Create)));
        Assert.Equal(
            $$"""{"a":"op","src":"{{client.Id}}","seq":2,"v":1,"c":"c","d":"d"}""",
            Text(await client.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":3}""")));
        Assert.Equal(
            """{"a":"f","data":{"v":2,"data":8,"type":"http://sharejs.org/types/number-type"},"c":"c","d":"d"}""",
            Text(await client.AskAsync("""{"a":"f","c":"c","d":"d","v":null}""")));
        Assert.Equal(
            """{"a":"f","data":{"v":0,"type":null},"c":"c","d":"none"}""",
            Text(await client.AskAsync("""{"a":"f","c":"c","d":"none","v":null}""")));
    }

    [Fact]
    public async Task A_subscriber_gets_the_operations_of_others_and_not_its_own()
    {
        await using var server = await RunningDocuments.StartAsync();
        using var alice = await server.ConnectAsync();
        using var bob = await server.ConnectAsync();
        await alice.AskAsync(Create);
        await bob.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        await alice.AskAsync("""{"a":"s","c":"c","d":"d","v":1}""");
        await alice.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":3}""");

        var seen = await bob.ReceiveAsync("op");
        Assert.Equal((1, 3, 2), (seen.GetProperty("v").GetInt32(), seen.GetProperty("op").GetInt32(), seen.GetProperty("seq").GetInt32()));
        Assert.NotEqual(alice.Id, seen.GetProperty("src").GetString());
        await bob.AskAsync("""{"a":"op","c":"c","d":"d","v":2,"seq":1,"del":true}""");
        Assert.True((await alice.ReceiveAsync("op")).GetProperty("del").GetBoolean());
        Assert.Equal("pp", (await alice.AskAsync("""{"a":"pp"}""")).GetProperty("a").GetString());
    }

    [Fact]
    public async Task Who_is_behind_gets_what_it_missed_before_its_acknowledgement()
    {
        await using var server = await RunningDocuments.StartAsync();
        using var alice = await server.ConnectAsync();
        using var bob = await server.ConnectAsync();
        await alice.AskAsync("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":{"type":"letters","data":"world"}}""");
        await alice.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":[0,"hello "]}""");
        await bob.SendAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":1,"op":[5,"!"]}""");
        Assert.Equal("""[0,"hello "]""", Text((await bob.ReceiveAsync("op")).GetProperty("op")));
        Assert.Equal(2, (await bob.ReceiveAsync("op")).GetProperty("v").GetInt32());
        var snapshot = await alice.AskAsync("""{"a":"f","c":"c","d":"d","v":null}""");
        Assert.Equal("hello world!", snapshot.GetProperty("data").GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_resend_after_reconnecting_is_acknowledged_and_not_applied_again()
    {
        await using var server = await RunningDocuments.StartAsync();
        using var first = await server.ConnectAsync();
        await first.AskAsync(Create);
        await first.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":3}""");
        using var second = await server.ConnectAsync(first.Id);
        Assert.Equal(first.Id, second.Id);

        string[] resends =
        [
            $$"""{"a":"op","c":"c","d":"d","v":1,"seq":2,"src":"{{first.Id}}","op":3}""",
            $$"""{"a":"op","c":"c","d":"d","v":2,"seq":2,"src":"{{first.Id}}","op":3}""",
        ];
        foreach (var resend in resends)
        {
            Assert.Equal($$"""{"a":"op","src":"{{first.Id}}","seq":2,"v":1,"c":"c","d":"d"}""", Text(await second.AskAsync(resend)));
        }

        var created = await second.AskAsync(
            $$$"""{"a":"op","c":"c","d":"d","v":null,"seq":1,"src":"{{{first.Id}}}","create":{"type":"number-type","data":5}}""");
        Assert.Equal(0, created.GetProperty("v").GetInt32());
        Assert.False(created.TryGetProperty("error", out _));
        Assert.Equal("8", await server.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task A_client_hears_its_own_operations_by_its_own_name_when_it_catches_up()
    {
        await using var server = await RunningDocuments.StartAsync();
        using var first = await server.ConnectAsync();
        await first.AskAsync(Create);
        using var second = await server.ConnectAsync(first.Id);
        Assert.Equal(first.Id, (await second.AskAsync("""{"a":"s","c":"c","d":"d","v":0}""")).GetProperty("src").GetString());
        await second.ReceiveAsync("s");
        using var other = await server.ConnectAsync();
        Assert.NotEqual(first.Id, (await other.AskAsync("""{"a":"f","c":"c","d":"d","v":0}""")).GetProperty("src").GetString());
    }

    [Fact]
    public async Task Nobody_passes_for_another()
    {
        await using var server = await RunningDocuments.StartAsync();
        using var alice = await server.ConnectAsync();
        await alice.AskAsync(Create);
        using var mallory = await server.ConnectAsync();
        var seen = (await mallory.AskAsync("""{"a":"f","c":"c","d":"d","v":0}""")).GetProperty("src").GetString();
        await mallory.ReceiveAsync("f");

        var claimed = await mallory.AskAsync($$"""{"a":"hs","id":"{{seen}}","protocol":1,"protocolMinor":2}""");
        Assert.Equal(mallory.Id, claimed.GetProperty("id").GetString());
        var refused = await mallory.AskAsync($$"""{"a":"op","c":"c","d":"d","v":1,"seq":2,"src":"{{seen}}","op":1}""");
        Assert.Equal(DocumentErrors.SourceNotIssued, Code(refused));
    }

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, "ERR_OT_OP_NOT_APPLIED")]
    [InlineData(100, "ERR_MESSAGE_BADLY_FORMED")]
    [InlineData(100_000, "ERR_MESSAGE_BADLY_FORMED")]
    public async Task What_nests_too_deep_is_refused_and_the_connection_stays(int depth, string? code)
    {
        await using var server = await RunningDocuments.StartAsync();
        using var client = await server.ConnectAsync();
        var data = new string('[', depth) + new string(']', depth);
        await client.SendAsync($$$"""{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":{"type":"json0","data":{{{data}}}}}""");
        using var reply = JsonDocument.Parse(await client.ReceiveTextAsync(), new JsonDocumentOptions { MaxDepth = int.MaxValue });
        Assert.Equal(code, reply.RootElement.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : null);
        Assert.Equal("pp", (await client.AskAsync("""{"a":"pp"}""")).GetProperty("a").GetString());
    }

    [Theory]
    [InlineData("""{"a":"op","c":"c","d":"d","v":1,"seq":1,"op":1}""", "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"op":1}""", "ERR_DOC_DOES_NOT_EXIST")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":{"type":"nothing"}}""", "ERR_DOC_TYPE_NOT_RECOGNIZED")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":{"data":1}}""", "ERR_OT_OP_BADLY_FORMED")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":"number-type"}""", "ERR_OT_OP_BADLY_FORMED")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"del":1}""", "ERR_OT_OP_BADLY_FORMED")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"create":{"type":"number-type"}}""", "ERR_OT_OP_BADLY_FORMED")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"src":7,"create":{"type":"number-type"}}""", "ERR_OT_OP_BADLY_FORMED")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":{"type":"number-type","data":"x"}}""", "ERR_OT_OP_NOT_APPLIED")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":1}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid op message")]
    [InlineData("""{"a":"op","c":"c","d":"d","v":0,"seq":9007199254740991,"op":1}""", "ERR_CONNECTION_SEQ_INTEGER_OVERFLOW")]
    [InlineData("""{"a":"what"}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid or unknown message")]
    [InlineData("""{}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid or unknown message")]
    [InlineData("""{"a":"qf","c":"c","q":{}}""", "ERR_MESSAGE_BADLY_FORMED", "Missing query ID")]
    [InlineData("""{"a":"qs","id":1,"c":"c","q":{},"r":[["__proto__",1]]}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid id")]
    [InlineData("""{"a":"qs","id":1,"c":"c","q":{},"r":["x"]}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid query results")]
    [InlineData("""{"a":"qs","id":1,"c":"c","q":{},"r":[["x",-1]]}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid version")]
    [InlineData("""{"a":"f","c":"c","d":7,"v":null}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid id")]
    [InlineData("""{"a":"f","c":"toString","d":"d","v":null}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid collection")]
    [InlineData("""{"a":"f","c":"c","d":"d","v":"1"}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid version")]
    [InlineData("""{"a":"f","c":"c","d":"\ud83d","v":null}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid id")]
    [InlineData("""{"a":"nf","id":1,"d":"d","v":null}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid collection")]
    [InlineData("""{"a":"nt","id":1,"c":"c","ts":null}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid id")]
    [InlineData("""{"a":"nt","id":1,"c":"c","d":"d","ts":"now"}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid timestamp")]
    [InlineData("""{"a":"bs","c":"c","b":7}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid bulk subscribe data")]
    [InlineData("""{"a":"bs","c":"c","b":{"x":"1"}}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid version")]
    [InlineData("""{"a":"bf","c":"c","b":["constructor"]}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid id")]
    [InlineData("""{"a":"hs","id":null,"protocol":{}}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid protocol")]
    [InlineData("""{"a":"p","ch":"x","id":7,"p":1,"pv":0}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid presence ID")]
    [InlineData("""{"a":"p","ch":"x","id":"1","p":1,"pv":-1}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid presence version")]
    [InlineData("""{"a":"ps","ch":7,"seq":1}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid presence channel")]
    [InlineData("""{"a":"ps","ch":"x","seq":"1"}""", "ERR_MESSAGE_BADLY_FORMED", "Invalid seq")]
    [InlineData("""{"a":"nf","id":1,"c":"c","d":"d","v":3}""", "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT")]
    [InlineData("""{"a":"p","ch":"x","id":"1","p":1,"pv":0,"c":"c","d":"d","v":0,"t":"number-type"}""", "ERR_TYPE_DOES_NOT_SUPPORT_PRESENCE")]
    [InlineData("""{"a":"qf","id":1,"c":"c","q":{},"o":{"db":"other"}}""", "ERR_DATABASE_ADAPTER_NOT_FOUND")]
    [InlineData("""{"a":"qf","id":1,"c":"c","q":{"where":1}}""", "ERR_QUERY_BADLY_FORMED")]
    [InlineData("""{"a":"f","c":"$starling","d":"source-key","v":null}""", "ERR_ACCESS_DENIED")]
    public async Task A_refusal_repeats_the_request_and_says_why(string request, string code, string? message = null)
    {
        await using var server = await RunningDocuments.StartAsync();
        using var client = await server.ConnectAsync();
        await client.SendAsync(request);
        var reply = await client.ReceiveTextAsync();
        Assert.StartsWith(request[..^1], reply, StringComparison.Ordinal);
        var error = JsonDocument.Parse(reply).RootElement.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        if (message is not null)
        {
            Assert.Equal(message, error.GetProperty("message").GetString());
        }

        Assert.Equal("pp", (await client.AskAsync("""{"a":"pp"}""")).GetProperty("a").GetString());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("{\"a\":")]
    public async Task What_is_no_message_ends_the_connection(string text)
    {
        await using var server = await RunningDocuments.StartAsync();
        using var client = await server.ConnectAsync();
        await client.SendAsync(text);
        Assert.Equal("\"closed 1008\"", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Bulk_requests_answer_for_each_document()
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.SubmitAsync(new("c", "x"), DocumentChange.Create("number-type", "1"u8.ToArray()), TestContext.Current.CancellationToken);
        using var client = await server.ConnectAsync();
        var reply = await client.AskAsync("""{"a":"bs","c":"c","b":["x","y"]}""");
        Assert.Equal(1, reply.GetProperty("data").GetProperty("x").GetProperty("v").GetInt32());
        Assert.Equal(0, reply.GetProperty("data").GetProperty("y").GetProperty("v").GetInt32());
        Assert.False(reply.TryGetProperty("b", out _));

        using var other = await server.ConnectAsync();
        await other.SendAsync("""{"a":"bf","c":"c","b":{"x":0,"y":0}}""");
        Assert.Equal("x", (await other.ReceiveAsync("op")).GetProperty("d").GetString());
        Assert.Equal("""{"a":"bf","c":"c","b":{"x":0,"y":0}}""", Text(await other.ReceiveAsync("bf")));

        await client.AskAsync("""{"a":"bu","c":"c","b":["x"]}""");
        await other.AskAsync("""{"a":"op","c":"c","d":"x","v":1,"seq":1,"op":1}""");
        await other.AskAsync("""{"a":"op","c":"c","d":"y","v":0,"seq":2,"create":{"type":"number-type"}}""");
        Assert.Equal("y", (await client.ReceiveAsync("op")).GetProperty("d").GetString());
    }

    [Theory]
    [InlineData("""[{"p":["x"],"oi":"\ud83d"}]""")]
    [InlineData("""[{"p":["x"],"oi":"\ude00 \u0000 ä 😀"}]""")]
    [InlineData("""[{"p":["x"],"oi":[1.0,1e21,-0,0.1000000000000000055]}]""")]
    public async Task What_is_submitted_reaches_others_byte_for_byte(string operation)
    {
        await using var server = await RunningDocuments.StartAsync();
        using var client = await server.ConnectAsync();
        using var other = await server.ConnectAsync();
        await client.AskAsync("""{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":{"type":"raw","data":{}}}""");
        await other.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        await client.AskAsync($$"""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":{{operation}}}""");
        Assert.EndsWith($"\"op\":{operation}}}", await other.ReceiveTextAsync(), StringComparison.Ordinal);
        await client.SendAsync("""{"a":"f","c":"c","d":"d","v":1}""");
        Assert.Contains(operation, await client.ReceiveTextAsync(), StringComparison.Ordinal);
        await client.ReceiveAsync("f");
        await client.SendAsync("""{"a":"f","c":"c","d":"d","v":null}""");
        Assert.Contains(operation, await client.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_join_to_the_same_are_kept_apart()
    {
        await using var server = await RunningDocuments.StartAsync();
        using var client = await server.ConnectAsync();
        await client.AskAsync("""{"a":"s","c":"a","d":"b/c","v":null}""");
        using var other = await server.ConnectAsync();
        await other.AskAsync("""{"a":"op","c":"a/b","d":"c","v":0,"seq":1,"create":{"type":"number-type"}}""");
        Assert.Equal("pp", (await client.AskAsync("""{"a":"pp"}""")).GetProperty("a").GetString());
    }

    private static string Text(JsonElement element) => ProtocolClient.Text(element);

    private static string? Code(JsonElement reply) => reply.GetProperty("error").GetProperty("code").GetString();
}
