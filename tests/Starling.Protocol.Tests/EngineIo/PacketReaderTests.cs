using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Starling.Protocol.Buffers;
using Starling.Protocol.EngineIo;
using Starling.Protocol.EngineIo.V3;

namespace Starling.Protocol.Tests.EngineIo;

public sealed class PacketReaderTests
{
    [Fact]
    public void A_payload_is_taken_apart_at_its_separators()
    {
        ReadOnlyMemory<byte> payload = "4hello\u001e2probe\u001ebAQIDBA==\u001e6"u8.ToArray();
        using var scratch = new PooledBuffer();
        var packets = new List<string>();
        bool more;
        do
        {
            more = PacketReader.SplitPayload(payload, out var text, out payload);
            Assert.True(PacketReader.TryReadText(text, scratch, out var packet));
            packets.Add($"{packet.Type} {(packet.IsBinary ? Convert.ToHexString(packet.Data.Span) : Encoding.UTF8.GetString(packet.Data.Span))}");
        }
        while (more);
        Assert.Equal(["Message hello", "Ping probe", "Message 01020304", "Noop "], packets);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("7")]
    [InlineData("b!!!!")]
    [InlineData("bAQID=BA==")]
    public void A_text_that_is_no_packet_is_refused(string text)
    {
        using var scratch = new PooledBuffer();
        Assert.False(PacketReader.TryReadText(Encoding.UTF8.GetBytes(text), scratch, out _));
    }

    [Fact]
    public void Bytes_survive_base64() => Prop.ForAll<byte[]>(bytes =>
    {
        using var output = new PooledBuffer();
        using var scratch = new PooledBuffer();
        PacketWriter.WriteBase64(output, bytes);
        return PacketReader.TryReadText(output.WrittenMemory, scratch, out var packet)
            && packet.IsBinary && packet.Data.Span.SequenceEqual(bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Version_3_counts_utf16_units_and_survives_both_forms()
    {
        string[] packets = ["4hällo €", "4\U0001F600", "2probe", "b4AQIDBA=="];
        using var text = new PooledBuffer();
        using var binary = new PooledBuffer();
        foreach (var packet in packets)
        {
            PayloadV3Writer.Append(text, [], Encoding.UTF8.GetBytes(packet));
            PayloadV3Writer.AppendBinary(binary, Encoding.UTF8.GetBytes(packet), isBinary: false);
        }

        Assert.StartsWith("8:4hällo €3:4\U0001F600", Encoding.UTF8.GetString(text.Written), StringComparison.Ordinal);
        Assert.Equal(packets, ReadV3(text.WrittenMemory, isBinary: false));
        Assert.Equal(packets, ReadV3(binary.WrittenMemory, isBinary: true));
    }

    [Theory]
    [InlineData("4hello")]
    [InlineData("x:4")]
    [InlineData(":4")]
    [InlineData("9:4")]
    [InlineData("2:4\U0001F600")]
    [InlineData("9999999999999:4")]
    public void A_version_3_payload_that_lies_about_its_lengths_is_refused(string payload)
    {
        ReadOnlyMemory<byte> rest = Encoding.UTF8.GetBytes(payload);
        Assert.False(PayloadV3Reader.TryRead(ref rest, isBinaryPayload: false, out _, out _));
    }

    [Fact]
    public void Random_version_3_payloads_never_fail() => Prop.ForAll<byte[]>(bytes =>
    {
        ReadOnlyMemory<byte> rest = bytes;
        while (PayloadV3Reader.TryRead(ref rest, isBinaryPayload: true, out _, out _))
        {
        }

        rest = bytes;
        while (PayloadV3Reader.TryRead(ref rest, isBinaryPayload: false, out _, out _))
        {
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    private static List<string> ReadV3(ReadOnlyMemory<byte> payload, bool isBinary)
    {
        var packets = new List<string>();
        while (PayloadV3Reader.TryRead(ref payload, isBinary, out var packet, out _))
        {
            packets.Add(Encoding.UTF8.GetString(packet.Span));
        }

        Assert.True(payload.IsEmpty);
        return packets;
    }
}
