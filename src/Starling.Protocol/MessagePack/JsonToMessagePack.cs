using System.Text.Json;
using Starling.Protocol.Buffers;
using Starling.Protocol.SocketIo;

namespace Starling.Protocol.MessagePack;

/// <summary>Turns JSON with attachments into MessagePack: placeholders become bytes, numbers take their shortest exact form.</summary>
public static class JsonToMessagePack
{
    // Deeper than any limit for clients, and far from the end of the stack.
    private const int MaxDepth = 1000;

    /// <summary>Transcodes one value.</summary>
    /// <param name="json">The value, known to be JSON, nested at most 1,000 deep.</param>
    /// <param name="attachments">What its placeholders stand for.</param>
    /// <param name="output">Takes the MessagePack.</param>
    /// <exception cref="JsonException">The value is not JSON, or nests too deep.</exception>
    public static void Transcode(ReadOnlySpan<byte> json, IReadOnlyList<ReadOnlyMemory<byte>> attachments, PooledBuffer output)
    {
        ArgumentNullException.ThrowIfNull(attachments);
        ArgumentNullException.ThrowIfNull(output);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        Write(ref reader, attachments, new MessagePackWriter(output));
    }

    private static void Write(ref Utf8JsonReader reader, IReadOnlyList<ReadOnlyMemory<byte>> attachments, MessagePackWriter output)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                output.WriteArrayHeader(CountChildren(reader));
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Write(ref reader, attachments, output);
                }

                break;
            case JsonTokenType.StartObject when Placeholders.TryRead(ref reader, attachments.Count, out var number):
                output.WriteBinary(attachments[number].Span);
                break;
            case JsonTokenType.StartObject:
                output.WriteMapHeader(CountChildren(reader) / 2);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    WriteText(ref reader, output);
                    reader.Read();
                    Write(ref reader, attachments, output);
                }

                break;
            case JsonTokenType.String:
                WriteText(ref reader, output);
                break;
            case JsonTokenType.Number when reader.TryGetInt64(out var integer):
                output.WriteInteger(integer);
                break;
            case JsonTokenType.Number:
                output.WriteDouble(reader.GetDouble());
                break;
            case JsonTokenType.True or JsonTokenType.False:
                output.WriteBoolean(reader.TokenType == JsonTokenType.True);
                break;
            default:
                output.WriteNil();
                break;
        }
    }

    // The reader is a value: counting walks ahead on a copy of it.
    private static int CountChildren(Utf8JsonReader reader)
    {
        var count = 0;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
        {
            count++;
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                reader.Skip();
            }
        }

        return count;
    }

    private static void WriteText(ref Utf8JsonReader reader, MessagePackWriter output)
    {
        if (!reader.ValueIsEscaped)
        {
            output.WriteString(reader.ValueSpan);
            return;
        }

        using var unescaped = new PooledBuffer();
        var span = unescaped.GetSpan(reader.ValueSpan.Length);
        output.WriteString(span[..reader.CopyString(span)]);
    }
}
