using System.Text.Json;

namespace Starling.Ot.RichText;

/// <summary>Reads one component of a delta.</summary>
internal static class DeltaOpParser
{
    /// <summary>Reads the object at which the reader stands.</summary>
    /// <exception cref="OtException">It is no component.</exception>
    public static DeltaOp Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new OtException("An operation of a delta is an object.");
        }

        var op = default(DeltaOp);
        AttributeMap? attributes = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isInsert, isRetain, isDelete) = (reader.ValueTextEquals("insert"u8), reader.ValueTextEquals("retain"u8), reader.ValueTextEquals("delete"u8));
            var isAttributes = reader.ValueTextEquals("attributes"u8);
            reader.Read();
            if (isInsert || isRetain || isDelete)
            {
                if (op.Kind != DeltaKind.None)
                {
                    throw new OtException("An operation of a delta is one of insert, retain and delete.");
                }

                op = isInsert ? Insert(ref reader) : isRetain ? DeltaOp.Retain(Length(ref reader)) : DeltaOp.Delete(Length(ref reader));
            }
            else if (isAttributes && reader.TokenType == JsonTokenType.StartObject)
            {
                attributes = AttributeMap.Read(ref reader);
            }
            else if (isAttributes && reader.TokenType != JsonTokenType.Null)
            {
                throw new OtException("The attributes of an operation are an object.");
            }
            else
            {
                reader.Skip();
            }
        }

        return op.Kind switch
        {
            DeltaKind.None => throw new OtException("An operation of a delta needs one of insert, retain and delete."),
            DeltaKind.Delete => op,
            _ => op.With(attributes),
        };
    }

    private static DeltaOp Insert(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => DeltaOp.InsertText(JsonText.Read(ref reader)),
        JsonTokenType.StartObject => DeltaOp.InsertEmbed(CanonicalJson.Read(ref reader)),
        _ => throw new OtException("What is inserted is a text or an object."),
    };

    private static int Length(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var length) || length < 0 || length > int.MaxValue || length != Math.Floor(length))
        {
            throw new OtException("The length of a retain or delete is a whole number that is not negative.");
        }

        return (int)length;
    }
}
