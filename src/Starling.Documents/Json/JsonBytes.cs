using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Starling.Documents.Json;

/// <summary>Writes JSON out of values that are JSON already.</summary>
internal static class JsonBytes
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    public static void Raw(this IBufferWriter<byte> output, ReadOnlySpan<byte> bytes) => output.Write(bytes);

    public static void Text(this IBufferWriter<byte> output, string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            var span = output.GetSpan(text.Length + 2);
            span[0] = span[text.Length + 1] = (byte)'"';
            Encoding.ASCII.GetBytes(text, span[1..]);
            output.Advance(text.Length + 2);
            return;
        }

        output.Write("\""u8);
        var encoded = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        output.Write(encoded.EncodedUtf8Bytes);
        output.Write("\""u8);
    }

    public static void Number(this IBufferWriter<byte> output, long number)
    {
        var span = output.GetSpan(20);
        Utf8Formatter.TryFormat(number, span, out var written);
        output.Advance(written);
    }
}
