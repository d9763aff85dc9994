using System.Text.Json;

namespace Starling.Documents.Json;

/// <summary>
/// Takes JSON apart without decoding it: values stay the bytes they are, so that what a program cannot represent (lone surrogates, the text
/// of a number) passes through.
/// </summary>
internal static class JsonSlices
{
    /// <summary>How deep a message may nest: a document of json0 at its deepest, and the message around it.</summary>
    public const int MaxDepth = Starling.Ot.Json.Json0Type.MaxDepth + 8;

    /// <summary>Options of a reader of what a client sent.</summary>
    public static JsonReaderOptions Options { get; } = new() { MaxDepth = MaxDepth };

    /// <summary>Calls for each property of an object with its name and the bytes of its value.</summary>
    /// <exception cref="JsonException">It is no object.</exception>
    public static void ReadObject(ReadOnlyMemory<byte> json, Action<string, ReadOnlyMemory<byte>> property)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            property(name, ReadValue(json, ref reader));
        }
    }

    /// <summary>The bytes of the items of a list.</summary>
    /// <exception cref="JsonException">It is no list.</exception>
    public static List<ReadOnlyMemory<byte>> ReadList(ReadOnlyMemory<byte> json)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(json.Span, Options);
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Skip(json, ref reader));
        }

        return items;
    }

    /// <summary>The bytes of the value after a property's name; the reader then stands at its end.</summary>
    public static ReadOnlyMemory<byte> ReadValue(ReadOnlyMemory<byte> json, ref Utf8JsonReader reader)
    {
        Require(reader.Read());
        return Skip(json, ref reader);
    }

    public static bool IsNull(ReadOnlyMemory<byte> value) => value.IsEmpty || value.Span[0] == (byte)'n';

    public static bool IsObject(ReadOnlyMemory<byte> value) => !value.IsEmpty && value.Span[0] == (byte)'{';

    public static bool IsList(ReadOnlyMemory<byte> value) => !value.IsEmpty && value.Span[0] == (byte)'[';

    public static bool IsString(ReadOnlyMemory<byte> value) => !value.IsEmpty && value.Span[0] == (byte)'"';

    public static bool IsNumber(ReadOnlyMemory<byte> value) => !value.IsEmpty && value.Span[0] is (byte)'-' or >= (byte)'0' and <= (byte)'9';

    /// <summary>The text of a JSON string, or null if it is none or has lone surrogates.</summary>
    public static string? GetString(ReadOnlyMemory<byte> value)
    {
        if (!IsString(value))
        {
            return null;
        }

        var reader = new Utf8JsonReader(value.Span);
        reader.Read();
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A whole number, or null if it is none or does not fit.</summary>
    public static long? GetInteger(ReadOnlyMemory<byte> value)
    {
        if (!IsNumber(value))
        {
            return null;
        }

        var reader = new Utf8JsonReader(value.Span);
        reader.Read();
        return reader.TryGetInt64(out var number) ? number
            : reader.TryGetDouble(out var real) && double.IsInteger(real) && Math.Abs(real) < 9.2e18 ? (long)real
            : null;
    }

    private static ReadOnlyMemory<byte> Skip(ReadOnlyMemory<byte> json, ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new JsonException("The JSON has not the form expected.");
        }
    }
}
