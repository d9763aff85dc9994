using System.Text.Json;
using Starling.Ot.Text;

namespace Starling.Ot.Json;

/// <summary>Reads JSON values into trees.</summary>
internal static class JsonTreeReader
{
    /// <summary>Reads the value at which the reader stands, and moves to its last token.</summary>
    public static JsonTree Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader),
        JsonTokenType.StartArray => ReadArray(ref reader),
        JsonTokenType.String => new JsonTreeText(Utf16Text.Of(JsonText.Read(ref reader))),
        JsonTokenType.Number => Number(reader.GetDouble()),
        JsonTokenType.True => JsonTreeLiteral.True,
        JsonTokenType.False => JsonTreeLiteral.False,
        _ => JsonTreeLiteral.Null,
    };

    // JavaScript would write a number that is too large for a double as null.
    private static JsonTree Number(double value) => double.IsFinite(value) ? new JsonTreeNumber(value) : JsonTreeLiteral.Null;

    private static JsonTreeList ReadArray(ref Utf8JsonReader reader)
    {
        var items = new List<JsonTree>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Read(ref reader));
        }

        return JsonTreeList.Of(items);
    }

    // Of equal keys the last value stands at the first place.
    private static JsonTreeMap ReadObject(ref Utf8JsonReader reader)
    {
        var members = new List<KeyValuePair<string, JsonTree>>();
        Dictionary<string, int>? places = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = JsonText.Read(ref reader);
            reader.Read();
            var member = new KeyValuePair<string, JsonTree>(key, Read(ref reader));
            var known = CanonicalJson.IndexOf(members, ref places, key);
            if (known < 0)
            {
                members.Add(member);
            }
            else
            {
                members[known] = member;
            }
        }

        return JsonTreeMap.Of(members);
    }
}
