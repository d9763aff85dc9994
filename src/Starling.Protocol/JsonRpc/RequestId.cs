using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Starling.Protocol.JsonRpc;

/// <summary>The <c>id</c> of a request or a response. JSON-RPC 2.0, section 4.</summary>
/// <param name="Kind">Which of the other two counts.</param>
/// <param name="Number">The value of <see cref="RequestIdKind.Number"/>.</param>
/// <param name="Text">The value of <see cref="RequestIdKind.Text"/> and <see cref="RequestIdKind.RawNumber"/>.</param>
public readonly record struct RequestId(RequestIdKind Kind, long Number = 0, string? Text = null)
{
    /// <summary>Longest id that is read, in bytes; every request under way keeps its own.</summary>
    public const int MaxLength = 256;

    /// <summary>Whether the message wants an answer.</summary>
    public bool IsPresent => Kind != RequestIdKind.Absent;

    /// <summary>Makes an id of a number.</summary>
    /// <param name="number">The number.</param>
    public static implicit operator RequestId(long number) => new(RequestIdKind.Number, number);

    /// <summary>Makes an id of a number.</summary>
    /// <param name="number">The number.</param>
    public static RequestId FromInt64(long number) => number;

    /// <summary>Reads the id at which the reader stands.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <returns>The id, or null when the value cannot be one.</returns>
    public static RequestId? Read(ref Utf8JsonReader reader)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        return reader.TokenType switch
        {
            JsonTokenType.Null => new RequestId(RequestIdKind.Null),
            _ when length > MaxLength => null,
            JsonTokenType.Number when reader.TryGetInt64(out var number) => number,
            JsonTokenType.Number => new RequestId(RequestIdKind.RawNumber, 0, Encoding.ASCII.GetString(reader.ValueSpan)),
            JsonTokenType.String => new RequestId(RequestIdKind.Text, 0, reader.GetString()),
            _ => null,
        };
    }

    /// <summary>Writes the id as JSON; an absent one as <c>null</c>.</summary>
    /// <param name="output">Where to write.</param>
    public void Write(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        switch (Kind)
        {
            case RequestIdKind.Number:
                var span = output.GetSpan(20);
                Utf8Formatter.TryFormat(Number, span, out var written);
                output.Advance(written);
                break;
            case RequestIdKind.RawNumber:
                output.Write(Encoding.ASCII.GetBytes(Text!));
                break;
            case RequestIdKind.Text:
                output.Write("\""u8);
                output.Write(JsonEncodedText.Encode(Text!).EncodedUtf8Bytes);
                output.Write("\""u8);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        RequestIdKind.Number => Number.ToString(CultureInfo.InvariantCulture),
        RequestIdKind.Text or RequestIdKind.RawNumber => Text!,
        _ => "none",
    };
}
