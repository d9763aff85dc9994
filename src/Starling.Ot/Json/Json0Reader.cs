using System.Collections.Frozen;
using System.Text.Json;

namespace Starling.Ot.Json;

/// <summary>Reads json0 operations, checks that each step is one change, and leaves out what is none.</summary>
/// <param name="subtypes">The types by which values within a document may be edited.</param>
/// <param name="isSubmitted">Whether their operations are refused where JavaScript clients would take them for something else.</param>
internal sealed class Json0Reader(FrozenDictionary<string, IOtType> subtypes, bool isSubmitted = false)
{
    /// <summary>Knows of no type but text0.</summary>
    public static readonly Json0Reader Basic = new(Json0Type.WithText0([]));

    // What is deleted is a part of a document and may be as deep as one.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = Json0Type.MaxDepth + 8 };

    /// <summary>Reads the array that the JSON is.</summary>
    /// <exception cref="OtException">It is no operation.</exception>
    public Json0Operation Read(ReadOnlySpan<byte> json)
    {
        var components = new List<Json0Component>();
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new OtException("A json0 operation is an array of components.");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                components.Add(ReadComponent(ref reader, json));
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new OtException("A json0 operation cannot be read: " + exception.Message, exception);
        }

        return new Json0Operation(components);
    }

    private Json0Component ReadComponent(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new OtException("Missing path");
        }

        var fields = new Json0Fields();
        ReadOnlySpan<byte> edit = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEdit = reader.ValueTextEquals("o"u8);
            if (isEdit)
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                edit = json[start..(int)reader.BytesConsumed];
            }
            else
            {
                fields.Read(ref reader);
            }
        }

        if (fields.EditType is not { } name || edit.IsEmpty)
        {
            return fields.ToComponent(null);
        }

        return fields.ToComponent(subtypes.TryGetValue(name, out var type)
            ? isSubmitted ? type.ReadSubmittedOperation(edit) : type.ReadOperation(edit)
            : new UnknownEdit(edit.ToArray()));
    }
}
