using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.SocketIo;

/// <summary>
/// The objects that stand for attachments in a payload (Socket.IO protocol 5, "Packet encoding"). Inside the server a placeholder has
/// one form only, <c>{"_placeholder":true,"num":0}</c>. An object of the application that looks like one is written with an escape in
/// its key (<see cref="LookalikeName"/>): the same JSON, but not a placeholder.
/// </summary>
public static class Placeholders
{
    private const int LongestForm = 64;

    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>The key <c>_placeholder</c> as an object has it that is not a placeholder.</summary>
    public static JsonEncodedText LookalikeName { get; } = JsonEncodedText.Encode("_placeholder", EncoderWithoutUnderscore());

    /// <summary>
    /// Checks the placeholders of a received payload and gives each the form that is used inside the server. A placeholder has exactly
    /// the keys <c>_placeholder</c>, which is true, and <c>num</c>, the number of an attachment, in any order. Any other object with a
    /// <c>_placeholder</c> that is true is an error: official clients would close the connection on which they receive it.
    /// </summary>
    /// <param name="json">The payload, known to be JSON; replaced if a placeholder was written in another way.</param>
    /// <param name="attachmentCount">How many attachments the packet has.</param>
    /// <returns>Whether all placeholders are valid.</returns>
    public static bool TryNormalize(ref ReadOnlyMemory<byte> json, int attachmentCount)
    {
        var span = json.Span;
        var reader = new Utf8JsonReader(span, AnyDepth);
        var afterName = false;
        List<(Range Place, int Number)>? irregular = null;
        while (reader.Read())
        {
            if (afterName && reader.TokenType == JsonTokenType.True)
            {
                return false;
            }

            afterName = reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("_placeholder"u8);
            var ahead = reader;
            if (reader.TokenType == JsonTokenType.StartObject && TryRead(ref ahead, attachmentCount, allowEscapes: true, out var number))
            {
                var place = (int)reader.TokenStartIndex..(int)ahead.BytesConsumed;
                reader = ahead;
                if (!IsRegular(span[place], number))
                {
                    (irregular ??= []).Add((place, number));
                }
            }
        }

        if (irregular is not null)
        {
            json = Rewrite(span, irregular);
        }

        return true;
    }

    /// <summary>Reads a placeholder of a payload inside the server.</summary>
    /// <param name="reader">Stands at the start of an object; afterwards at its end, if it is a placeholder.</param>
    /// <param name="attachmentCount">How many attachments the packet has.</param>
    /// <param name="number">The number of the attachment.</param>
    /// <returns>Whether the object is a placeholder.</returns>
    public static bool TryRead(ref Utf8JsonReader reader, int attachmentCount, out int number) =>
        TryRead(ref reader, attachmentCount, allowEscapes: false, out number);

    /// <summary>Writes a placeholder.</summary>
    /// <param name="json">Takes the placeholder.</param>
    /// <param name="number">The number of the attachment.</param>
    /// <returns>Where its key stands in the output of the writer.</returns>
    public static int Write(Utf8JsonWriter json, int number)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        var name = (int)(json.BytesCommitted + json.BytesPending);
        json.WriteBoolean("_placeholder"u8, true);
        json.WriteNumber("num"u8, number);
        json.WriteEndObject();
        return name;
    }

    /// <summary>
    /// Finds the keys <c>_placeholder</c> that clients would take for placeholders, although the server has not written them as such.
    /// </summary>
    /// <param name="json">A payload.</param>
    /// <param name="written">Where the keys of the payload's own placeholders stand, in ascending order.</param>
    /// <returns>Where the other ones stand; empty for nearly every payload.</returns>
    public static IReadOnlyList<int> FindOthers(ReadOnlySpan<byte> json, ReadOnlySpan<int> written)
    {
        if (json.Count("_placeholder"u8) == written.Length && !json.Contains((byte)'\\'))
        {
            return [];
        }

        var others = new List<int>();
        var reader = new Utf8JsonReader(json, AnyDepth);
        var name = -1;
        while (reader.Read())
        {
            if (name >= 0 && reader.TokenType == JsonTokenType.True && written.BinarySearch(name) < 0)
            {
                others.Add(name);
            }

            name = reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("_placeholder"u8)
                ? (int)reader.TokenStartIndex : -1;
        }

        return others;
    }

    /// <summary>Writes an escape into keys that <see cref="FindOthers"/> has found.</summary>
    /// <param name="json">The payload, which is changed.</param>
    /// <param name="names">Where the keys stand, in ascending order.</param>
    public static void Escape(PooledBuffer json, IReadOnlyList<int> names)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(names);
        var before = json.Written.ToArray();
        json.Truncate(0);
        var end = 0;
        foreach (var name in names)
        {
            // A key that has an escape already needs no other one.
            if (before[name + 1] == '_')
            {
                json.Write(before.AsSpan(end..(name + 1)));
                json.Write(LookalikeName.EncodedUtf8Bytes[..^"placeholder".Length]);
                end = name + 2;
            }
        }

        json.Write(before.AsSpan(end));
    }

    private static bool TryRead(ref Utf8JsonReader reader, int attachmentCount, bool allowEscapes, out int number)
    {
        var start = reader;
        var isMarked = false;
        number = -1;
        for (var i = 0; i < 2; i++)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName || (reader.ValueIsEscaped && !allowEscapes))
            {
                break;
            }

            if (reader.ValueTextEquals("_placeholder"u8))
            {
                isMarked = reader.Read() && reader.TokenType == JsonTokenType.True;
            }
            else if (!reader.ValueTextEquals("num"u8) || !reader.Read() || reader.TokenType != JsonTokenType.Number
                || !reader.TryGetInt32(out number) || (uint)number >= (uint)attachmentCount)
            {
                number = -1;
                break;
            }
        }

        if (isMarked && number >= 0 && reader.Read() && reader.TokenType == JsonTokenType.EndObject)
        {
            return true;
        }

        reader = start;
        return false;
    }

    private static bool IsRegular(ReadOnlySpan<byte> json, int number)
    {
        Span<byte> form = stackalloc byte[LongestForm];
        return json.SequenceEqual(Format(form, number));
    }

    private static ReadOnlySpan<byte> Format(Span<byte> destination, int number)
    {
        var head = "{\"_placeholder\":true,\"num\":"u8;
        head.CopyTo(destination);
        Utf8Formatter.TryFormat(number, destination[head.Length..], out var digits);
        destination[head.Length + digits] = (byte)'}';
        return destination[..(head.Length + digits + 1)];
    }

    private static byte[] Rewrite(ReadOnlySpan<byte> json, List<(Range Place, int Number)> irregular)
    {
        using var output = new PooledBuffer();
        Span<byte> form = stackalloc byte[LongestForm];
        var end = 0;
        foreach (var (place, number) in irregular)
        {
            output.Write(json[end..place.Start.Value]);
            output.Write(Format(form, number));
            end = place.End.Value;
        }

        output.Write(json[end..]);
        return output.Written.ToArray();
    }

    private static JavaScriptEncoder EncoderWithoutUnderscore()
    {
        var settings = new TextEncoderSettings(UnicodeRanges.BasicLatin);
        settings.ForbidCharacters('_');
        return JavaScriptEncoder.Create(settings);
    }
}
