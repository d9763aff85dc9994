using FsCheck;
using FsCheck.Fluent;
using Starling.Protocol.Buffers;
using Starling.Protocol.WebSockets;

namespace Starling.Protocol.Tests.WebSockets;

public sealed class PermessageDeflateTests
{
    [Fact]
    public void What_is_compressed_is_decompressed() => Prop.ForAll<byte[]>(message =>
    {
        using var compressed = new PooledBuffer();
        PermessageDeflate.Compress(message, compressed);
        using var output = new PooledBuffer();
        return PermessageDeflate.Decompress(compressed.Written, output, message.Length) == CloseCode.None
            && output.Written.SequenceEqual(message);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_tail_of_the_flush_is_cut_off()
    {
        using var compressed = new PooledBuffer();
        PermessageDeflate.Compress("Hello"u8, compressed);
        Assert.False(compressed.Written.EndsWith((ReadOnlySpan<byte>)[0x00, 0x00, 0xFF, 0xFF]));
    }

    [Fact]
    public void The_examples_of_the_standard_are_read()
    {
        // RFC 7692, section 7.2.3: one compressed block, and a block without compression.
        byte[][] examples = [[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]];
        foreach (var example in examples)
        {
            using var output = new PooledBuffer();
            Assert.Equal(CloseCode.None, PermessageDeflate.Decompress(example, output, 100));
            Assert.Equal("Hello"u8.ToArray(), output.Written.ToArray());
        }
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("x-webkit-deflate-frame", false)]
    [InlineData("permessage-deflate", true)]
    [InlineData("permessage-deflate; client_max_window_bits", true)]
    [InlineData("permessage-deflate; client_max_window_bits=\"10\"; server_no_context_takeover", true)]
    [InlineData("permessage-deflate; server_max_window_bits=10", false)]
    [InlineData("permessage-deflate; server_max_window_bits=10, permessage-deflate", true)]
    [InlineData("permessage-deflate; client_max_window_bits=7", false)]
    [InlineData("permessage-deflate; nonsense", false)]
    [InlineData("x-other; list=\"a, permessage-deflate, b\"", false)]
    [InlineData("x-other; list=\"a; \\\", b\", permessage-deflate", true)]
    [InlineData("x-other; list=\"a\\", false)]
    [InlineData("permessage-deflate; server_no_context_takeover; server_no_context_takeover", false)]
    public void An_offer_is_taken_only_if_every_parameter_can_be(string? header, bool taken)
    {
        const string Answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        Assert.Equal(taken ? Answer : null, PermessageDeflateOffer.Answer(header));
    }
}
