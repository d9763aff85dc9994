using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

public sealed class PayloadTests
{
    [Fact]
    public async Task Half_of_a_surrogate_pair_reaches_handlers_of_every_kind()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.OnRequest<string, string>("text", (_, text) => Task.FromResult(text!));
        server.Io.OnRequest<JsonElement, JsonElement>("tree", (_, tree) => Task.FromResult(tree));
        server.Io.OnRequest<Dictionary<string, string>, string>("keys", (_, map) => Task.FromResult(map!.Keys.Single()));
        server.Io.On("raw", (_, received) => received.AckAsync(received.Arguments));
        var client = await server.ConnectAsync();
        await client.SendAsync("""421["text","\ud83d"]""");
        Assert.Equal("""431["\uFFFD"]""", Escaped(await client.ReceiveAsync()));
        await client.SendAsync("""422["tree",["\ude00\ud83d\ude00"]]""");
        Assert.Equal("""432[["\uFFFD\uD83D\uDE00"]]""", Escaped(await client.ReceiveAsync()));
        await client.SendAsync("""423["keys",{"\ud83d":""}]""");
        Assert.Equal("""433["\uFFFD"]""", Escaped(await client.ReceiveAsync()));
        await client.SendAsync("""424["raw","\ud83d"]""");
        Assert.Equal("""434["\uFFFD"]""", Escaped(await client.ReceiveAsync()));

        // However a character is written.
        static string Escaped(string packet) => packet.IndexOf('[', StringComparison.Ordinal) is var start
            ? packet[..start] + JsonSerializer.Serialize(JsonElement.Parse(packet.AsSpan(start).ToString())) : "";
    }

    [Fact]
    public async Task Numbers_that_json_does_not_have_are_null_as_in_javascript()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.OnRequest("all", _ => Task.FromResult(new Numbers(
            double.NaN, float.PositiveInfinity, Half.NegativeInfinity, [1.5, double.NaN], new() { ["a"] = float.NaN })));
        server.Io.OnRequest<double, double>("divide", (_, by) => Task.FromResult(1 / by));
        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"all\"]");
        Assert.Equal("431[{\"a\":null,\"b\":null,\"c\":null,\"d\":[1.5,null],\"e\":{\"a\":null}}]", await client.ReceiveAsync());
        await client.SendAsync("422[\"divide\",0]");
        Assert.Equal("432[null]", await client.ReceiveAsync());
        await client.SendAsync("423[\"divide\",\"0.5\"]");
        Assert.Equal("433[2]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task An_application_may_ask_for_the_names_of_such_numbers()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.JsonSerializerOptions.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals);
        server.Io.OnRequest<double, double>("echo", (_, number) => Task.FromResult(number));
        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"echo\",\"NaN\"]");
        Assert.Equal("431[\"NaN\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task Bytes_are_base64_in_values_whose_form_the_handler_does_not_name()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.OnRequest<JsonElement, string>("element", (_, value) => Task.FromResult(
            Convert.ToHexString(value.GetProperty("file").GetBytesFromBase64()) + value.GetProperty("list")));
        server.Io.OnRequest<JsonNode, string>("node", (_, value) => Task.FromResult(value!.ToJsonString()));
        server.Io.OnRequest<JsonObject, string>("object", (_, value) => Task.FromResult(value!["FILE"]!.GetValue<string>()));
        server.Io.OnRequest<Dictionary<string, object>, string>("map", (_, value) => Task.FromResult(value!["file"].ToString()!));
        server.Io.OnRequest<Upload, string>("typed", (_, value) => Task.FromResult(Convert.ToHexString(value!.File) + value.Rest));
        server.Io.OnRequest<JsonElement, string>("bare", (_, value) => Task.FromResult(value.GetString()!));
        var client = await server.ConnectAsync();
        const string Value = """{"list":[1,"a\n",{"b":null}],"file":{"_placeholder":true,"num":0}}""";
        await AskAsync("element", Value, """["DEAD[1,\"a\\n\",{\"b\":null}]"]""");
        await AskAsync("node", Value, """["{\"list\":[1,\"a\\n\",{\"b\":null}],\"file\":\"3q0=\"}"]""");
        await AskAsync("object", Value, """["3q0="]""");
        await AskAsync("map", Value, """["3q0="]""");
        await AskAsync("typed", """{"file":{"_placeholder":true,"num":0},"rest":{"x":1}}""", """["DEAD{\"x\":1}"]""");
        await AskAsync("bare", """{"_placeholder":true,"num":0}""", """["3q0="]""");

        async Task AskAsync(string name, string value, string answer)
        {
            await client.SendAsync($"451-1[\"{name}\",{value}]");
            await client.SendAsync([0xDE, 0xAD]);
            Assert.Equal("431" + answer, await client.ReceiveAsync());
        }
    }

    [Fact]
    public async Task A_packet_that_names_one_attachment_many_times_is_not_copied_out()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.On<JsonElement>("bomb", (_, _) => { });
        server.Io.OnRequest("after", _ => Task.FromResult(1));
        var client = await server.ConnectAsync();
        await client.SendAsync("451-[\"bomb\",[" + string.Join(',', Enumerable.Repeat("""{"_placeholder":true,"num":0}""", 20_000)) + "]]");
        await client.SendAsync(new byte[200_000]);
        var before = GC.GetTotalAllocatedBytes();
        await client.SendAsync("421[\"after\"]");
        Assert.Equal("431[1]", await client.ReceiveAsync());
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1_000_000_000);
    }

    private sealed record Numbers(double A, float B, Half C, double[] D, Dictionary<string, float> E);

    private sealed record Upload(byte[] File, JsonElement Rest);
}
