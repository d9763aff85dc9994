using System.Text.Json;

namespace Starling.Ot.Text;

/// <summary>Reads text0 operations.</summary>
internal static class Text0Reader
{
    /// <summary>Reads the array that the JSON is.</summary>
    /// <exception cref="OtException">It is no operation.</exception>
    public static Text0Operation Read(ReadOnlySpan<byte> json)
    {
        var components = new List<Text0Component>();
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new OtException("A text operation is an array of components.");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                components.Add(ReadComponent(ref reader));
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new OtException("A text operation cannot be read: " + exception.Message, exception);
        }

        return new Text0Operation(components);
    }

    private static Text0Component ReadComponent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new OtException("A component of a text operation is an object.");
        }

        (long? position, string? inserted, string? deleted) = (null, null, null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isPosition, isInsert, isDelete) = (reader.ValueTextEquals("p"u8), reader.ValueTextEquals("i"u8), reader.ValueTextEquals("d"u8));
            reader.Read();
            if (isPosition)
            {
                position = JsonNumber.ReadIndex(ref reader) ?? throw new OtException("The position of a component is a whole number that is not negative.");
            }
            else if ((isInsert || isDelete) && reader.TokenType == JsonTokenType.String)
            {
                inserted = isInsert ? JsonText.Read(ref reader) : inserted;
                deleted = isDelete ? JsonText.Read(ref reader) : deleted;
            }
            else
            {
                reader.Skip();
            }
        }

        return Create(position ?? throw new OtException("component missing position field"), inserted, deleted);
    }

    /// <exception cref="OtException">It does not either insert or delete.</exception>
    public static Text0Component Create(long position, string? inserted, string? deleted) => (inserted is null) == (deleted is null)
        ? throw new OtException("component needs an i or d field")
        : new Text0Component(position, (inserted ?? deleted)!, inserted is not null);
}
