using System.Text.Json;
using System.Text.Json.Serialization;
using Starling.Protocol.SocketIo;

namespace Starling.Server.Sockets.Payloads;

/// <summary>
/// Writes bytes as a placeholder with the bytes as attachment, and reads both that and base64 (Socket.IO protocol 5, "Packet encoding").
/// </summary>
/// <typeparam name="T">The type that applications use for bytes.</typeparam>
/// <param name="toBytes">The bytes of a value.</param>
/// <param name="fromBytes">A value of bytes that nobody else has.</param>
/// <param name="fromAttachment">A value of an attachment, which others may read as well.</param>
internal sealed class BinaryConverter<T>(
    Func<T, ReadOnlyMemory<byte>> toBytes, Func<byte[], T> fromBytes, Func<ReadOnlyMemory<byte>, T> fromAttachment) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => fromBytes(reader.GetBytesFromBase64()),
        JsonTokenType.StartObject => fromAttachment(ReadPlaceholder(ref reader)),
        _ => throw new JsonException($"Bytes were expected, but there is {reader.TokenType}."),
    };

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var bytes = toBytes(value);
        if (AttachmentScope.Writing is not { } attachments)
        {
            writer.WriteBase64StringValue(bytes.Span);
            return;
        }

        AttachmentScope.Written!.Add(Placeholders.Write(writer, attachments.Count));
        attachments.Add(bytes);
    }

    private static ReadOnlyMemory<byte> ReadPlaceholder(ref Utf8JsonReader reader) =>
        AttachmentScope.Reading is { } attachments && Placeholders.TryRead(ref reader, attachments.Count, out var number)
            ? attachments[number]
            : throw new JsonException("Bytes were expected, but there is an object that is not a placeholder of an attachment.");
}
