using System.Text.Json;

namespace Starling.Ot.Text;

/// <summary>Reads text-unicode operations, and refuses what the original refuses.</summary>
internal static class TextUnicodeReader
{
    // So that sums of lengths do not overflow.
    private const long LongestSkip = int.MaxValue;

    /// <summary>Reads the array that the JSON is.</summary>
    /// <exception cref="OtException">It is no operation.</exception>
    public static TextUnicodeOperation Read(ReadOnlySpan<byte> json)
    {
        var operation = new TextUnicodeBuilder();
        var last = TextUnicodeKind.Insert;
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new OtException("Op must be an array of components");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var component = ReadComponent(ref reader);
                if (component.Kind == TextUnicodeKind.Skip && last == TextUnicodeKind.Skip)
                {
                    throw new OtException("Adjacent skip components should be combined");
                }

                // Inserts and deletes are joined, unlike in the original, which may put what others insert between two of one client.
                operation.Add(component);
                last = component.Kind;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new OtException("A text operation cannot be read: " + exception.Message, exception);
        }

        return last == TextUnicodeKind.Skip ? throw new OtException("Op has a trailing skip") : operation.Build();
    }

    private static TextUnicodeComponent ReadComponent(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => TextUnicodeComponent.Skip(Length(ref reader, "Skip components must be >0")),
        JsonTokenType.String => TextUnicodeComponent.Insert(Text(ref reader, "Inserts cannot be empty")),
        JsonTokenType.StartObject => ReadDelete(ref reader),
        _ => throw new OtException("A component is a number, a text or an object with a delete."),
    };

    private static TextUnicodeComponent ReadDelete(ref Utf8JsonReader reader)
    {
        TextUnicodeComponent? component = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isDelete = reader.ValueTextEquals("d"u8);
            reader.Read();
            if (!isDelete)
            {
                reader.Skip();
                continue;
            }

            component = reader.TokenType switch
            {
                JsonTokenType.Number => TextUnicodeComponent.Delete(Length(ref reader, "Deletes must not be empty")),
                JsonTokenType.String => TextUnicodeComponent.Delete(Text(ref reader, "Deletes must not be empty")),
                _ => null,
            };
        }

        return component ?? throw new OtException("Delete must be number or string");
    }

    private static long Length(ref Utf8JsonReader reader, string refusal) =>
        JsonNumber.ReadIndex(ref reader) is > 0 and <= LongestSkip and var length ? length : throw new OtException(refusal);

    private static string Text(ref Utf8JsonReader reader, string refusal)
    {
        var text = JsonText.Read(ref reader);
        return text.Length > 0 ? CodePoints.Checked(text) : throw new OtException(refusal);
    }
}
