using System.Text.Encodings.Web;
using System.Text.Json;
using Starling.Protocol.Buffers;

namespace Starling.Server.Channels;

/// <summary>Writes publications as JSON for clients of long polling and WebSocket.</summary>
internal static class PublicationJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary><c>{"id":…,"topic":…,"type":…,"data":…,"cursor":…}</c>; alternate topics stay between publisher and hub.</summary>
    public static byte[] Encode(Publication publication, Cursor cursor)
    {
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            var update = publication.Update;
            writer.WriteStartObject();
            writer.WriteString("id"u8, publication.Id);
            writer.WriteString("topic"u8, update.Topics[0]);
            if (update.Type is { } type)
            {
                writer.WriteString("type"u8, type);
            }

            writer.WriteString("data"u8, update.Data.Span);
            writer.WriteString("cursor"u8, cursor.ToString());
            writer.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }
}
