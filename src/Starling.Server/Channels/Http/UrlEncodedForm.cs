using System.Text;
using Starling.Protocol.Buffers;

namespace Starling.Server.Channels.Http;

/// <summary>Reads <c>application/x-www-form-urlencoded</c> (URL Standard, section 5.1), in order, and refuses what is not UTF-8.</summary>
internal static class UrlEncodedForm
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the pairs.</summary>
    /// <exception cref="ChannelRefusal">A name or value is not UTF-8.</exception>
    public static List<KeyValuePair<string, string>> Parse(ReadOnlySpan<byte> form)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        using var scratch = new PooledBuffer();
        foreach (var range in form.Split((byte)'&'))
        {
            var pair = form[range];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf((byte)'=');
            var name = equals < 0 ? pair : pair[..equals];
            var value = equals < 0 ? [] : pair[(equals + 1)..];
            pairs.Add(new(Decode(name, scratch), Decode(value, scratch)));
        }

        return pairs;
    }

    private static string Decode(ReadOnlySpan<byte> encoded, PooledBuffer scratch)
    {
        scratch.Reset();
        for (var i = 0; i < encoded.Length; i++)
        {
            var value = encoded[i];
            if (value == '%' && i + 2 < encoded.Length && char.IsAsciiHexDigit((char)encoded[i + 1]) && char.IsAsciiHexDigit((char)encoded[i + 2]))
            {
                value = (byte)((HexValue(encoded[i + 1]) << 4) | HexValue(encoded[i + 2]));
                i += 2;
            }
            else if (value == '+')
            {
                value = (byte)' ';
            }

            scratch.WriteByte(value);
        }

        try
        {
            return Strict.GetString(scratch.Written);
        }
        catch (DecoderFallbackException)
        {
            throw new ChannelRefusal(ChannelError.BadRequest, "Names and values must be valid UTF-8.");
        }
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
