using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Starling.Ot;

/// <summary>Brings any JSON value into the bytes that <c>JSON.stringify(JSON.parse(…))</c> gives, so that equal values are equal bytes but for the order of keys.</summary>
internal static class CanonicalJson
{
    /// <summary>Reads the value at which the reader stands, and moves to its last token.</summary>
    public static byte[] Read(ref Utf8JsonReader reader)
    {
        var output = new ArrayBufferWriter<byte>(32);
        Copy(ref reader, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Copy(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                CopyObject(ref reader, output);
                break;
            case JsonTokenType.StartArray:
                CopyArray(ref reader, output);
                break;
            case JsonTokenType.String:
                JsonText.Write(output, JsonText.Read(ref reader));
                break;
            case JsonTokenType.Number:
                JsonNumber.Write(output, reader.GetDouble());
                break;
            default:
                output.Write(reader.ValueSpan);
                break;
        }
    }

    private static void CopyArray(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output)
    {
        output.Write("["u8);
        var isFirst = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            output.Write(isFirst ? [] : ","u8);
            Copy(ref reader, output);
            isFirst = false;
        }

        output.Write("]"u8);
    }

    // As in JavaScript: of equal keys the last value stands at the first place, and keys that are array indexes come first, in order.
    private static void CopyObject(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output)
    {
        var members = new List<KeyValuePair<string, byte[]>>();
        Dictionary<string, int>? places = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = JsonText.Read(ref reader);
            reader.Read();
            var member = new KeyValuePair<string, byte[]>(key, Read(ref reader));
            var known = IndexOf(members, ref places, key);
            if (known < 0)
            {
                members.Add(member);
            }
            else
            {
                members[known] = member;
            }
        }

        output.Write("{"u8);
        var isFirst = true;
        foreach (var (key, value) in InOrder(members, item => item.Key))
        {
            output.Write(isFirst ? [] : ","u8);
            JsonText.Write(output, key);
            output.Write(":"u8);
            output.Write(value);
            isFirst = false;
        }

        output.Write("}"u8);
    }

    /// <summary>
    /// Where the member of a key is, or -1; the caller adds it then. Looks at a few members one by one, and keeps an index of many.
    /// </summary>
    public static int IndexOf<T>(List<KeyValuePair<string, T>> members, ref Dictionary<string, int>? places, string key)
    {
        const int MostSearched = 16;
        if (members.Count < MostSearched)
        {
            for (var i = 0; i < members.Count; i++)
            {
                if (members[i].Key == key)
                {
                    return i;
                }
            }

            return -1;
        }

        if (places is null)
        {
            places = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var i = 0; i < members.Count; i++)
            {
                places.Add(members[i].Key, i);
            }
        }

        if (places.TryGetValue(key, out var place))
        {
            return place;
        }

        places.Add(key, members.Count);
        return -1;
    }

    /// <summary>The order in which JavaScript enumerates keys.</summary>
    public static IEnumerable<T> InOrder<T>(IReadOnlyList<T> members, Func<T, string> key)
    {
        var hasIndex = false;
        for (var i = 0; i < members.Count && !hasIndex; i++)
        {
            hasIndex = IsIndex(key(members[i]), out _);
        }

        return hasIndex ? members.OrderBy(item => IsIndex(key(item), out var index) ? index : long.MaxValue) : members;
    }

    /// <summary>Whether a key is an array index to JavaScript.</summary>
    public static bool IsIndex(string key, out long index)
    {
        index = 0;
        return key.Length is > 0 and <= 10 && char.IsAsciiDigit(key[0]) && (key.Length == 1 || key[0] != '0')
            && long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < uint.MaxValue;
    }
}
