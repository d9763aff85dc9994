using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Starling.Protocol.Buffers;
using Starling.Protocol.MessagePack;

namespace Starling.Protocol.Tests.MessagePack;

public sealed class TranscodingTests
{
    [Fact]
    public void The_vector_of_notepack_is_written_byte_for_byte()
    {
        const string Json = """["uid123",{"type":2,"data":["hello",1],"nsp":"/"},{"rooms":["r1"],"except":[],"flags":{}}]""";
        const string Expected =
            "93a675696431323383a47479706502a46461746192a568656c6c6f01a36e7370a12f83a5726f6f6d7391a27231a665786365707490a5666c61677380";
        Assert.Equal(Expected, Convert.ToHexStringLower(ToMessagePack(Json)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[0,1,127,128,255,256,65535,65536,4294967295,4294967296,9007199254740991]")]
    [InlineData("[-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9007199254740991]")]
    [InlineData("[1.5,-0.25,1E+300]")]
    [InlineData("{\"a\":{\"b\":[{},[]]},\"ä\":\"€😀\"}")]
    [InlineData("\"quote \\\" and \\u001e\"")]
    public void Json_survives_the_way_to_messagepack_and_back(string json) => Assert.Equal(Normalise(json), ToJson(ToMessagePack(json), []));

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void Every_length_form_survives(int count)
    {
        var json = JsonSerializer.Serialize(new object[]
        {
            new string('x', count), Enumerable.Range(0, count), Enumerable.Range(0, count).ToDictionary(static i => "k" + i, static i => i),
        });
        Assert.Equal(json, ToJson(ToMessagePack(json), []));
    }

    [Fact]
    public void Attachments_travel_in_place_and_come_back_as_placeholders()
    {
        const string Json = """["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]""";
        var packed = ToMessagePack(Json, [1, 2, 3], new byte[300]);
        Assert.StartsWith("93a178c5012c", Convert.ToHexStringLower(packed), StringComparison.Ordinal);
        var attachments = new List<ReadOnlyMemory<byte>>();
        Assert.Equal("""["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""", ToJson(packed, attachments));
        Assert.Equal([300, 3], attachments.Select(attachment => attachment.Length));
    }

    [Fact]
    public void An_object_that_looks_like_a_placeholder_stays_an_object_beside_bytes()
    {
        // [{"_placeholder":true,"num":0}, bytes]
        const string Packed = "9282ac5f706c616365686f6c646572c3a36e756d00c40107";
        var attachments = new List<ReadOnlyMemory<byte>>();
        var json = ToJson(Convert.FromHexString(Packed), attachments);
        Assert.Equal("""[{"\u005Fplaceholder":true,"num":0},{"_placeholder":true,"num":0}]""", json);
        Assert.Equal(Packed, Convert.ToHexStringLower(ToMessagePack(json, [7])));
    }

    [Theory]
    [InlineData("d6ff5a4af6a5", "\"2018-01-02T03:04:05.000Z\"")]
    [InlineData("cb7ff8000000000000", "null")]
    [InlineData("ca3fc00000", "1.5")]
    [InlineData("cfffffffffffffffff", "18446744073709551615")]
    [InlineData("8101a178", "{\"1\":\"x\"}")]
    public void What_only_messagepack_has_becomes_what_javascript_would_print(string hex, string json) =>
        Assert.Equal(json, ToJson(Convert.FromHexString(hex), []));

    [Theory]
    [InlineData("")]
    [InlineData("c1")]
    [InlineData("92")]
    [InlineData("d9ff")]
    [InlineData("dbffffffff")]
    [InlineData("ddffffffff")]
    [InlineData("a1ff")]
    [InlineData("d40100")]
    [InlineData("8190a0")]
    public void Malformed_bytes_are_refused_with_the_documented_exception(string hex) =>
        Assert.Throws<MessagePackException>(() => ToJson(Convert.FromHexString(hex), []));

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Throws<MessagePackException>(() => ToJson([.. Enumerable.Repeat((byte)0x91, 100_000)], []));

    [Fact]
    public void Random_bytes_throw_nothing_else() => Prop.ForAll<byte[]>(bytes =>
    {
        try
        {
            ToJson(bytes, []);
        }
        catch (MessagePackException)
        {
            // The documented way out.
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    private static string Normalise(string json) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(JsonElement.Parse(json)));

    private static byte[] ToMessagePack(string json, params byte[][] attachments)
    {
        using var output = new PooledBuffer();
        JsonToMessagePack.Transcode(Encoding.UTF8.GetBytes(json), [.. attachments.Select(item => (ReadOnlyMemory<byte>)item)], output);
        return output.Written.ToArray();
    }

    private static string ToJson(byte[] packed, List<ReadOnlyMemory<byte>> attachments)
    {
        using var output = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(output))
        {
            var reader = new MessagePackReader(packed);
            MessagePackToJson.Transcode(ref reader, writer, attachments, maxDepth: 60);
        }

        return Encoding.UTF8.GetString(output.Written);
    }
}
