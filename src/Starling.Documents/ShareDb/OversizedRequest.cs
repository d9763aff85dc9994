using System.Buffers;
using System.Text.Json;
using Starling.Documents.Json;

namespace Starling.Documents.ShareDb;

/// <summary>
/// Reads what identifies a request out of its first bytes. ShareDB's clients write these members before the long ones.
/// </summary>
internal static class OversizedRequest
{
    private static readonly string[] Actions = ["op", "p", "ps", "f", "s", "bf", "bs", "nf", "nt", "qf", "qs"];

    /// <summary>The request without its long members, as a JSON object; false if it cannot be answered.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, out ReadOnlyMemory<byte> request)
    {
        request = default;
        var output = new ArrayBufferWriter<byte>();
        var action = default(string);
        output.Raw("{"u8);
        try
        {
            var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState(JsonSlices.Options));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isRepeated = !reader.ValueIsEscaped && IsRepeated(reader.ValueSpan);
                var isAction = reader.ValueTextEquals("a"u8);
                var name = reader.GetString()!;
                if (!reader.Read())
                {
                    break;
                }

                if (isRepeated && reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
                {
                    output.Raw(output.WrittenCount > 1 ? ","u8 : default);
                    output.Text(name);
                    output.Raw(":"u8);
                    output.Raw(head[(int)reader.TokenStartIndex..(int)reader.BytesConsumed]);
                    action = isAction && reader.TokenType == JsonTokenType.String ? reader.GetString() : action;
                }
                else if (!reader.TrySkip())
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }

        output.Raw("}"u8);
        request = output.WrittenMemory;
        return action is not null && Actions.Contains(action);
    }

    private static bool IsRepeated(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("a"u8) || name.SequenceEqual("c"u8) || name.SequenceEqual("d"u8) || name.SequenceEqual("v"u8)
        || name.SequenceEqual("src"u8) || name.SequenceEqual("seq"u8) || name.SequenceEqual("id"u8) || name.SequenceEqual("ch"u8)
        || name.SequenceEqual("pv"u8);
}
