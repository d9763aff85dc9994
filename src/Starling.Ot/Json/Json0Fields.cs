using System.Text;
using System.Text.Json;

namespace Starling.Ot.Json;

/// <summary>What is found in one component of a json0 operation while it is read.</summary>
internal ref struct Json0Fields
{
    private Json0Segment[]? _path;
    private double? _added;
    private JsonTree? _listInserted;
    private JsonTree? _listDeleted;
    private long? _movedTo;
    private JsonTree? _objectInserted;
    private JsonTree? _objectDeleted;
    private string? _textInserted;
    private string? _textDeleted;

    public string? EditType { get; private set; }

    /// <summary>Reads the property at whose name the reader stands.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        var text = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(JsonText.Read(ref reader)) : reader.ValueSpan;
        var name = text.Length switch { 1 => text[0], 2 => (text[0] << 8) | text[1], _ => 0 };
        reader.Read();
        switch (name)
        {
            case 'p':
                _path = ReadPath(ref reader);
                break;
            case 't':
                EditType = ReadText(ref reader, "t");
                break;
            case ('n' << 8) | 'a':
                _added = ReadNumber(ref reader);
                break;
            case ('l' << 8) | 'i':
                _listInserted = JsonTreeReader.Read(ref reader);
                break;
            case ('l' << 8) | 'd':
                _listDeleted = JsonTreeReader.Read(ref reader);
                break;
            case ('l' << 8) | 'm':
                _movedTo = ReadSegment(ref reader).AsIndex() ?? throw new OtException("List index must be a number");
                break;
            case ('o' << 8) | 'i':
                _objectInserted = JsonTreeReader.Read(ref reader);
                break;
            case ('o' << 8) | 'd':
                _objectDeleted = JsonTreeReader.Read(ref reader);
                break;
            case ('s' << 8) | 'i':
                _textInserted = ReadText(ref reader, "si");
                break;
            case ('s' << 8) | 'd':
                _textDeleted = ReadText(ref reader, "sd");
                break;
            default:
                reader.Skip();
                break;
        }
    }

    /// <summary>The component, if it is one change.</summary>
    /// <exception cref="OtException">It is none or more than one, or its path cannot be one of that change.</exception>
    public readonly Json0Component ToComponent(IOtOperation? edit)
    {
        var component = new Json0Component(_path ?? throw new OtException("Missing path"))
        {
            EditType = edit is null ? null : EditType,
            Edit = edit,
            Added = _added,
            ListInserted = _listInserted,
            ListDeleted = _listDeleted,
            MovedTo = _movedTo,
            ObjectInserted = _objectInserted,
            ObjectDeleted = _objectDeleted,
            TextInserted = _textInserted,
            TextDeleted = _textDeleted,
        };
        var isList = _listInserted is not null || _listDeleted is not null;
        var isObject = _objectInserted is not null || _objectDeleted is not null;
        ReadOnlySpan<bool> changes = [edit is not null, _added is not null, isList, _movedTo is not null, isObject, component.IsText];
        if (changes.Count(true) != 1)
        {
            throw new OtException("invalid / missing instruction in op");
        }

        if (component.IsText)
        {
            _ = component.ToText();
        }

        return isList || _movedTo is not null ? WithIndex(component) : component;
    }

    // Earlier versions of the original took digits for an index, and so did what was committed with them.
    private static Json0Component WithIndex(Json0Component component)
    {
        if (component.Segments.Length == 0)
        {
            throw new OtException("Referenced element not a list");
        }

        var last = component.Segments[^1];
        return !last.IsKey ? component
            : last.AsIndex() is { } index ? component.WithSegment(component.Segments.Length - 1, new Json0Segment(index))
            : throw new OtException("List index must be a number");
    }

    private static Json0Segment[] ReadPath(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new OtException("Missing path");
        }

        var path = new List<Json0Segment>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            path.Add(ReadSegment(ref reader));
        }

        return [.. path];
    }

    private static Json0Segment ReadSegment(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String
        ? new Json0Segment(JsonText.Read(ref reader))
        : new Json0Segment(JsonNumber.ReadIndex(ref reader) ?? throw new OtException("Invalid path segment"));

    private static double? ReadNumber(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.Number when reader.GetDouble() is var number && double.IsFinite(number) => number,
        _ => throw new OtException("What is added to a number is a number."),
    };

    private static string? ReadText(ref Utf8JsonReader reader, string name) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => JsonText.Read(ref reader),
        _ => throw new OtException($"The field '{name}' of an operation is a text."),
    };
}
