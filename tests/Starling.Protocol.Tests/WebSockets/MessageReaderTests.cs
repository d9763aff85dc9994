using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Starling.Protocol.WebSockets;

namespace Starling.Protocol.Tests.WebSockets;

public sealed class MessageReaderTests
{
    private const int MaxMessage = 100_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void A_frame_of_any_length_form_is_read_back(int length)
    {
        var payload = RandomBytes(length);
        var (messages, error) = ReadAll([ClientFrames.Frame(Opcode.Binary, payload)]);
        Assert.Equal(CloseCode.None, error);
        Assert.Equal(payload, Assert.Single(messages).Payload);
    }

    [Fact]
    public void Frames_cut_at_every_byte_give_the_same_messages()
    {
        byte[] stream =
        [
            .. ClientFrames.Frame(Opcode.Text, Encoding.UTF8.GetBytes("hello"), final: false),
            .. ClientFrames.Frame(Opcode.Ping, [1, 2, 3]),
            .. ClientFrames.Frame(Opcode.Continuation, Encoding.UTF8.GetBytes(", wörld")),
            .. ClientFrames.Frame(Opcode.Binary, RandomBytes(300)),
            .. ClientFrames.Close(1000, "bye"),
        ];
        var whole = ReadAll([stream]);
        for (var cut = 1; cut < stream.Length; cut++)
        {
            var parts = ReadAll([stream[..cut], stream[cut..]]);
            Assert.Equal(whole.Error, parts.Error);
            Assert.Equal(whole.Messages.Select(Describe), parts.Messages.Select(Describe));
        }

        Assert.Equal(["Ping:010203", "Text:" + Convert.ToHexString(Encoding.UTF8.GetBytes("hello, wörld"))], whole.Messages.Take(2).Select(Describe));
    }

    [Fact]
    public void Messages_survive_any_fragmentation_and_any_cut() =>
        Prop.ForAll<byte[], byte[], byte>((first, second, cut) =>
        {
            byte[] stream =
            [
                .. ClientFrames.Frame(Opcode.Binary, first, final: false), .. ClientFrames.Frame(Opcode.Pong, []),
                .. ClientFrames.Frame(Opcode.Continuation, second),
            ];
            var at = cut % stream.Length;
            var (messages, error) = ReadAll([stream[..at], stream[at..]]);
            return error == CloseCode.None && messages.Count == 2 && messages[1].Payload.SequenceEqual([.. first, .. second]);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_bytes_end_in_a_message_a_wait_or_a_close_code() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var (_, error) = ReadAll([bytes]);
            return error is CloseCode.None or CloseCode.ProtocolError or CloseCode.MessageTooBig or CloseCode.InvalidPayload;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    public static TheoryData<string, byte[], CloseCode> Violations => new()
    {
        { "not masked", ClientFrames.Frame(Opcode.Text, [1], masked: false), CloseCode.ProtocolError },
        { "RSV1 without compression", ClientFrames.Frame(Opcode.Text, [65], reserved: 0x40), CloseCode.ProtocolError },
        { "RSV2", ClientFrames.Frame(Opcode.Text, [65], reserved: 0x20), CloseCode.ProtocolError },
        { "reserved data opcode", ClientFrames.Frame((Opcode)3, [65]), CloseCode.ProtocolError },
        { "reserved control opcode", ClientFrames.Frame((Opcode)0xB, [65]), CloseCode.ProtocolError },
        { "continuation of nothing", ClientFrames.Frame(Opcode.Continuation, [65]), CloseCode.ProtocolError },
        { "fragmented ping", ClientFrames.Frame(Opcode.Ping, [65], final: false), CloseCode.ProtocolError },
        { "long ping", ClientFrames.Frame(Opcode.Ping, new byte[126]), CloseCode.ProtocolError },
        { "new message within a message",
            [.. ClientFrames.Frame(Opcode.Text, [65], final: false), .. ClientFrames.Frame(Opcode.Text, [65])], CloseCode.ProtocolError },
        { "length not in its shortest form", [0x82, 0xFE, 0x00, 0x01, 0, 0, 0, 0, 65], CloseCode.ProtocolError },
        { "64-bit length with its top bit set", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], CloseCode.ProtocolError },
        { "too long", [0x82, 0xFF, 0, 0, 0, 0, 0x7F, 0, 0, 0, 0, 0, 0, 0], CloseCode.MessageTooBig },
        { "fragments that are too long together",
            [.. ClientFrames.Frame(Opcode.Binary, new byte[60_000], final: false), .. ClientFrames.Frame(Opcode.Continuation, new byte[60_000])],
            CloseCode.MessageTooBig },
        { "text that is not UTF-8", ClientFrames.Frame(Opcode.Text, [0xC3, 0x28]), CloseCode.InvalidPayload },
        { "text that ends within a character", ClientFrames.Frame(Opcode.Text, [0xE2, 0x82]), CloseCode.InvalidPayload },
        { "an encoded surrogate", ClientFrames.Frame(Opcode.Text, [0xED, 0xA0, 0x80]), CloseCode.InvalidPayload },
        { "close of one byte", ClientFrames.Frame(Opcode.Close, [3]), CloseCode.ProtocolError },
        { "close code 999", ClientFrames.Close(999), CloseCode.ProtocolError },
        { "close code 1005", ClientFrames.Close(1005), CloseCode.ProtocolError },
        { "close code 1016", ClientFrames.Close(1016), CloseCode.ProtocolError },
        { "close code 5000", ClientFrames.Close(5000), CloseCode.ProtocolError },
        { "close reason that is not UTF-8", ClientFrames.Frame(Opcode.Close, [0x03, 0xE8, 0xFF]), CloseCode.InvalidPayload },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void A_violation_is_answered_with_the_close_code_of_the_standard(string violation, byte[] bytes, CloseCode expected)
    {
        Assert.Equal((violation, expected), (violation, ReadAll([bytes]).Error));
        Assert.Equal((violation, expected), (violation, ReadAll([.. bytes.Chunk(Math.Max(1, bytes.Length / 200))]).Error));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1011)]
    [InlineData(3000)]
    [InlineData(4999)]
    public void A_valid_close_is_read(int code) => Assert.Equal(CloseCode.None, ReadAll([ClientFrames.Close(code, "ä")]).Error);

    [Fact]
    public void A_compressed_message_is_inflated_and_one_that_inflates_too_far_is_refused()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("starling ", 200)));
        var (messages, error) = ReadAll([ClientFrames.Frame(Opcode.Text, Deflate(text), reserved: 0x40)], PermessageDeflate.Decompress);
        Assert.Equal(CloseCode.None, error);
        Assert.Equal(text, Assert.Single(messages).Payload);

        var bomb = Deflate(new byte[MaxMessage + 1]);
        Assert.True(bomb.Length < 2_000);
        Assert.Equal(
            CloseCode.MessageTooBig, ReadAll([ClientFrames.Frame(Opcode.Binary, bomb, reserved: 0x40)], PermessageDeflate.Decompress).Error);
        Assert.Equal(
            CloseCode.InvalidPayload,
            ReadAll([ClientFrames.Frame(Opcode.Binary, [0xFF, 0xFF, 0xFF], reserved: 0x40)], PermessageDeflate.Decompress).Error);
    }

    private static byte[] Deflate(byte[] message)
    {
        using var buffer = new Starling.Protocol.Buffers.PooledBuffer();
        PermessageDeflate.Compress(message, buffer);
        return buffer.Written.ToArray();
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static string Describe((Opcode Opcode, byte[] Payload) message) => $"{message.Opcode}:{Convert.ToHexString(message.Payload)}";

    // Feeds the parts as a pipe would: what was not consumed is offered again, in segments, together with the next part.
    private static (List<(Opcode Opcode, byte[] Payload)> Messages, CloseCode Error) ReadAll(byte[][] parts, MessageInflater? inflate = null)
    {
        using var reader = new MessageReader(MaxMessage, inflate);
        var messages = new List<(Opcode, byte[])>();
        var pending = new List<byte[]>();
        foreach (var part in parts)
        {
            pending.Add(part.ToArray());
            var buffer = Segment.Join(pending);
            while (reader.Read(ref buffer, out var message) is var status && status != ReadStatus.Incomplete)
            {
                if (status == ReadStatus.Invalid)
                {
                    return (messages, reader.Error);
                }

                messages.Add((message.Opcode, message.Payload.ToArray()));
            }

            pending = [.. Split(buffer)];
        }

        return (messages, CloseCode.None);
    }

    private static IEnumerable<byte[]> Split(ReadOnlySequence<byte> buffer)
    {
        foreach (var segment in buffer)
        {
            yield return segment.ToArray();
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private Segment(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        public static ReadOnlySequence<byte> Join(List<byte[]> parts)
        {
            var first = new Segment(parts[0], 0);
            var last = first;
            foreach (var part in parts.Skip(1))
            {
                var next = new Segment(part, last.RunningIndex + last.Memory.Length);
                last.Next = next;
                last = next;
            }

            return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        }
    }
}
