using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Starling.Protocol.Buffers;
using Starling.Protocol.SocketIo;

namespace Starling.Protocol.Tests.SocketIo;

public sealed class PacketReaderTests
{
    [Theory]
    [InlineData("0", PacketType.Connect, 0, "/", -1, "")]
    [InlineData("0{\"token\":\"123\"}", PacketType.Connect, 0, "/", -1, "{\"token\":\"123\"}")]
    [InlineData("0/admin", PacketType.Connect, 0, "/admin", -1, "")]
    [InlineData("0/admin,", PacketType.Connect, 0, "/admin", -1, "")]
    [InlineData("1/admin", PacketType.Disconnect, 0, "/admin", -1, "")]
    [InlineData("2[\"foo\"]", PacketType.Event, 0, "/", -1, "[\"foo\"]")]
    [InlineData("212[\"foo\"]", PacketType.Event, 0, "/", 12, "[\"foo\"]")]
    [InlineData("2/admin,12[\"foo\",1]", PacketType.Event, 0, "/admin", 12, "[\"foo\",1]")]
    [InlineData("2[7,\"a number may name an event\"]", PacketType.Event, 0, "/", -1, "[7,\"a number may name an event\"]")]
    [InlineData("3/admin,456[]", PacketType.Ack, 0, "/admin", 456, "[]")]
    [InlineData("50-[\"x\"]", PacketType.BinaryEvent, 0, "/", -1, "[\"x\"]")]
    [InlineData("52-/a,5[\"x\",{\"_placeholder\":true,\"num\":0}]", PacketType.BinaryEvent, 2, "/a", 5, "[\"x\",{\"_placeholder\":true,\"num\":0}]")]
    [InlineData("61-789[{\"_placeholder\":true,\"num\":0}]", PacketType.BinaryAck, 1, "/", 789, "[{\"_placeholder\":true,\"num\":0}]")]
    public void A_valid_packet_is_read(string text, PacketType type, int attachments, string name, long ackId, string data)
    {
        Assert.Equal(PacketError.None, Read(text, out var packet));
        Assert.Equal(
            (type, attachments, name, ackId, data),
            (packet.Type, packet.AttachmentCount, Text(packet.Namespace), packet.AckId, Text(packet.Data)));
    }

    [Theory]
    [InlineData("", PacketError.UnknownType)]
    [InlineData("a", PacketError.UnknownType)]
    [InlineData("7", PacketError.UnknownType)]
    [InlineData("0[]", PacketError.InvalidPayload)]
    [InlineData("0\"x\"", PacketError.InvalidPayload)]
    [InlineData("1{}", PacketError.InvalidPayload)]
    [InlineData("2", PacketError.InvalidPayload)]
    [InlineData("2{}", PacketError.InvalidPayload)]
    [InlineData("2[]", PacketError.InvalidPayload)]
    [InlineData("2[{}]", PacketError.InvalidPayload)]
    [InlineData("2[null]", PacketError.InvalidPayload)]
    [InlineData("2[\"connect\"]", PacketError.InvalidPayload)]
    [InlineData("2[\"connect_error\"]", PacketError.InvalidPayload)]
    [InlineData("2[\"disconnect\"]", PacketError.InvalidPayload)]
    [InlineData("2[\"disconnecting\"]", PacketError.InvalidPayload)]
    [InlineData("2[\"newListener\"]", PacketError.InvalidPayload)]
    [InlineData("2[\"removeListener\"]", PacketError.InvalidPayload)]
    [InlineData("2[\"\\u0063onnect\"]", PacketError.InvalidPayload)]
    [InlineData("2abc[\"x\"]", PacketError.InvalidPayload)]
    [InlineData("2[\"x\"", PacketError.InvalidPayload)]
    [InlineData("2[\"x\"]]", PacketError.InvalidPayload)]
    [InlineData("2[\"x\"]garbage", PacketError.InvalidPayload)]
    [InlineData("299999999999999999999999[\"x\"]", PacketError.InvalidPayload)]
    [InlineData("3{}", PacketError.InvalidPayload)]
    [InlineData("3", PacketError.InvalidPayload)]
    [InlineData("5[\"x\"]", PacketError.IllegalAttachments)]
    [InlineData("5-[\"x\"]", PacketError.IllegalAttachments)]
    [InlineData("51", PacketError.IllegalAttachments)]
    [InlineData("59999999999-[\"x\"]", PacketError.IllegalAttachments)]
    public void A_malformed_packet_is_refused(string text, PacketError expected) => Assert.Equal(expected, Read(text, out _));

    [Theory]
    [InlineData("""{"_placeholder":true,"num":1}""", """{"_placeholder":true,"num":1}""")]
    [InlineData("""{"num":1,"_placeholder":true}""", """{"_placeholder":true,"num":1}""")]
    [InlineData("""{ "_placeholder" : true , "num" : 0 }""", """{"_placeholder":true,"num":0}""")]
    [InlineData("""{"\u005fplaceholder":true,"n\u0075m":-0}""", """{"_placeholder":true,"num":0}""")]
    [InlineData("""[{"num":0,"_placeholder":true},1,{"a":{"_placeholder":true,"num":1}}]""", """[{"_placeholder":true,"num":0},1,{"a":{"_placeholder":true,"num":1}}]""")]
    [InlineData("""{"_placeholder":{"num":0,"_placeholder":true}}""", """{"_placeholder":{"_placeholder":true,"num":0}}""")]
    [InlineData("""{"_placeholder":false,"num":9}""", """{"_placeholder":false,"num":9}""")]
    [InlineData("""{"_placeholder":1,"num":{}}""", """{"_placeholder":1,"num":{}}""")]
    public void Placeholders_get_one_form(string argument, string expected)
    {
        Assert.Equal(PacketError.None, Read($"52-[\"x\",{argument}]", out var packet));
        Assert.Equal($"[\"x\",{expected}]", Text(packet.Data));
    }

    [Theory]
    [InlineData("""{"_placeholder":true}""")]
    [InlineData("""{"_placeholder":true,"num":2}""")]
    [InlineData("""{"_placeholder":true,"num":-1}""")]
    [InlineData("""{"_placeholder":true,"num":0.5}""")]
    [InlineData("""{"_placeholder":true,"num":"0"}""")]
    [InlineData("""{"_placeholder":true,"num":null}""")]
    [InlineData("""{"_placeholder":true,"num":99999999999}""")]
    [InlineData("""{"_placeholder":true,"num":0,"more":1}""")]
    [InlineData("""{"more":1,"_placeholder":true,"num":0}""")]
    [InlineData("""{"num":0,"more":1,"_placeholder":true}""")]
    [InlineData("""{"_placeholder":true,"_placeholder":true}""")]
    [InlineData("""{"_placeholder":false,"_placeholder":true}""")]
    [InlineData("""{"_placeholder":true,"_placeholder":true,"num":0}""")]
    [InlineData("""{"_placeholder":true,"num":0,"num":5}""")]
    [InlineData("""{"num":0,"num":5,"_placeholder":true}""")]
    [InlineData("""{"\u005fplaceholder":true,"num":5}""")]
    [InlineData("""{"num":[{"_placeholder":true}]}""")]
    [InlineData("""{"_placeholder":{"_placeholder":true}}""")]
    [InlineData("""{"_placeholder":true},{"_placeholder":true,"num":0}""")]
    public void A_forged_placeholder_makes_the_packet_invalid(string arguments) =>
        Assert.Equal(PacketError.IllegalAttachments, Read($"52-[\"x\",{arguments}]", out _));

    [Fact]
    public void A_packet_without_attachments_has_no_placeholders() =>
        Assert.Equal(PacketError.None, Read("""2["x",{"_placeholder":true}]""", out _));

    [Theory]
    [InlineData("""\ud83d""", """\ufffd""")]
    [InlineData("""a\udE00b""", """a\ufffdb""")]
    [InlineData("""\ud83d\ud83d\ude00""", """\ufffd\ud83d\ude00""")]
    [InlineData("""\ud83d\ude00""", """\ud83d\ude00""")]
    [InlineData("""\ud83d\n\ude00""", """\ufffd\n\ufffd""")]
    [InlineData("""\\\\ud83d""", """\\\\ud83d""")]
    [InlineData("""\\\\\ud83d""", """\\\\\ufffd""")]
    public void Lone_surrogates_become_replacement_characters(string sent, string read)
    {
        Assert.Equal(PacketError.None, Read($"2[\"{sent}\",{{\"{sent}\":\"{sent}\"}}]", out var packet));
        Assert.Equal($"[\"{read}\",{{\"{read}\":\"{read}\"}}]", Text(packet.Data));
    }

    [Fact]
    public void Json_that_nests_too_deep_is_refused()
    {
        Assert.Equal(PacketError.None, Read("2[\"x\"," + new string('[', 62) + new string(']', 62) + "]", out _));
        Assert.Equal(PacketError.InvalidPayload, Read("2[\"x\"," + new string('[', 100_000), out _));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_reserved_name_and_no_failure() =>
        Assert.Equal(PacketError.None, Read("2[\"\\ud83d\",1]", out _));

    [Fact]
    public void Random_text_never_fails() => Prop.ForAll<string>(text =>
    {
        Read(text ?? "", out _);
        Read("2" + text, out _);
        Read("51-" + text, out _);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Fact]
    public void What_is_written_is_read() => Prop.ForAll<NonNegativeInt, bool, bool>((id, hasAck, inNamespace) =>
    {
        using var buffer = new PooledBuffer();
        var name = inNamespace ? "/chat"u8 : "/"u8;
        buffer.Reset(PacketHeader.MaxSize(name.Length));
        buffer.Write("[\"x\",{\"_placeholder\":true,\"num\":0}]"u8);
        PacketHeader.Prepend(buffer, PacketType.Event, 1, name, hasAck ? id.Get : Packet.NoAck);
        return PacketReader.Read(buffer.Written.ToArray(), 64, out var packet) == PacketError.None
            && packet is { Type: PacketType.BinaryEvent, AttachmentCount: 1 } && packet.AckId == (hasAck ? id.Get : -1)
            && packet.Namespace.Span.SequenceEqual(name);
    }).QuickCheckThrowOnFailure();

    private static PacketError Read(string text, out Packet packet) => PacketReader.Read(Encoding.UTF8.GetBytes(text), 64, out packet);

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
