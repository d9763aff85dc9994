using System.Text.Json;

namespace Starling.Ot.RichText;

/// <summary>Reads one component of a delta.</summary>
internal static class DeltaOpParser
{
    /// <summary>The most attributes of one component of a submitted operation.</summary>
    public const int MaxAttributes = 100;

    /// <summary>Reads the object at which the reader stands.</summary>
    /// <param name="reader">Stands at the object.</param>
    /// <param name="isSubmitted">Whether it is refused where the JavaScript type takes it for something else.</param>
    /// <exception cref="OtException">It is no component.</exception>
    public static DeltaOp Read(ref Utf8JsonReader reader, bool isSubmitted)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new OtException("An operation of a delta is an object.");
        }

        var op = default(DeltaOp);
        AttributeMap? attributes = null;
        var (hasAttributes, hasOther) = (false, false);
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
            else if (isAttributes)
            {
                hasAttributes = true;
                attributes = Attributes(ref reader, isSubmitted);
            }
            else
            {
                hasOther = true;
                reader.Skip();
            }
        }

        if (isSubmitted)
        {
            Check(op, attributes, hasAttributes, hasOther);
        }

        return op.Kind switch
        {
            DeltaKind.None => throw new OtException("An operation of a delta needs one of insert, retain and delete."),
            DeltaKind.Delete => op,
            _ => op.With(attributes),
        };
    }

    // What quill-delta takes otherwise than it looks: a length of 0 means all the rest, and whatever stands in an insert becomes part of the text.
    private static void Check(in DeltaOp op, AttributeMap? attributes, bool hasAttributes, bool hasOther)
    {
        if (op.Kind != DeltaKind.None && op.Length == 0)
        {
            throw new OtException("A retain, delete or insert of length 0 means 'all the rest' to JavaScript clients. Leave it out.");
        }

        if (op.IsInsert && (hasOther || (hasAttributes && attributes is null)))
        {
            throw new OtException("An insert has nothing beside it but attributes, and those are not empty. Leave the rest out.");
        }

        if (attributes?.Count > MaxAttributes)
        {
            throw new OtException($"An operation of a delta has {attributes.Count} attributes; {MaxAttributes} are allowed.");
        }

        attributes?.Check();
        if (op.Kind == DeltaKind.Embed)
        {
            ObjectMembers.Refuse(op.EmbedJson);
        }
    }

    private static AttributeMap? Attributes(ref Utf8JsonReader reader, bool isSubmitted) => reader.TokenType switch
    {
        JsonTokenType.StartObject => AttributeMap.Read(ref reader),
        JsonTokenType.Null when !isSubmitted => null,
        _ => throw new OtException("The attributes of an operation are an object."),
    };

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
