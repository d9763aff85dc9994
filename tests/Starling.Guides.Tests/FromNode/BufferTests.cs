using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Starling.Guides.Tests.FromNode;

public sealed class BufferTests
{
    [Fact]
    public void Bytes_numbers_and_text()
    {
        // begin buffer
        Span<byte> buffer = stackalloc byte[12];                                   // Buffer.alloc(12), without a heap
        BinaryPrimitives.WriteUInt32BigEndian(buffer, 0xCAFE);                     // writeUInt32BE
        var length = Encoding.UTF8.GetBytes("héllo", buffer[4..]);                 // write(…, 4)
        var part = buffer.Slice(4, length);                                        // subarray: the same memory
        var hex = Convert.ToHexStringLower(part);                                  // toString('hex')
        var base64 = Convert.ToBase64String(part);                                 // toString('base64')
        var place = part.IndexOf("llo"u8);                                         // indexOf
        var isEqual = CryptographicOperations.FixedTimeEquals(part, "héllo"u8);    // timingSafeEqual
        // end
        Assert.Equal(0xCAFEu, BinaryPrimitives.ReadUInt32BigEndian(buffer));
        Assert.Equal(("68c3a96c6c6f", "aMOpbGxv", 3, true), (hex, base64, place, isEqual));
    }

    [Fact]
    public void Buffers_from_text_put_together_and_compared()
    {
        // begin conversions
        var first = Convert.FromHexString("cafe");                                 // Buffer.from('cafe', 'hex')
        var second = Convert.FromBase64String("AQI=");                             // Buffer.from('AQI=', 'base64')
        byte[] all = [.. first, .. second];                                        // Buffer.concat([first, second])
        var order = first.AsSpan().SequenceCompareTo(second);                      // Buffer.compare
        var latin = Encoding.Latin1.GetString([0xE9]);                             // toString('latin1')
        var utf8 = Encoding.Convert(Encoding.Latin1, Encoding.UTF8, [0xE9]);       // buffer.transcode(…, 'latin1', 'utf8')
        BinaryPrimitives.ReverseEndianness(                                        // swap16
            MemoryMarshal.Cast<byte, ushort>(all), MemoryMarshal.Cast<byte, ushort>(all.AsSpan()));
        // end
        Assert.Equal([0xFE, 0xCA, 2, 1], all);
        Assert.Equal((true, "é"), (order > 0, latin));
        Assert.Equal("é"u8, utf8);
    }

    [Fact]
    public void Text_whose_characters_are_cut_in_two()
    {
        byte[][] pieces = [[0xE2, 0x82], [0xAC, .. "a longer piece than the first!"u8]];
        // begin decoder
        var decoder = Encoding.UTF8.GetDecoder();                                  // new StringDecoder('utf8')
        var text = new StringBuilder();
        var chars = new char[Encoding.UTF8.GetMaxCharCount(pieces.Max(piece => piece.Length))];
        foreach (var piece in pieces)
        {
            text.Append(chars, 0, decoder.GetChars(piece, chars, flush: false));   // write
        }

        text.Append(chars, 0, decoder.GetChars([], chars, flush: true));           // end
        // end
        Assert.Equal("€a longer piece than the first!", text.ToString());
    }
}
