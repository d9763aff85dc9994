using System.Text.Json;

namespace Starling.Messaging.Payloads;

/// <summary>
/// A <see cref="Stream"/>: its number on the wire, and its bytes in binary frames behind. An argument stays its caller's; a result is
/// disposed when it has been sent.
/// </summary>
internal sealed class StreamCodec : Codec<Stream>
{
    public override bool MayOpenAtPeer => true;

    public override void Write(Utf8JsonWriter writer, Stream value, in WireScope scope)
    {
        var message = scope.Message ?? throw new NotSupportedException("A stream is an argument of a call or a result, not one of a notification, nor a value of a sequence or of progress.");
        var stream = scope.Connection.Streams.Send(value, isOwned: scope.Call is null);
        message.Add(stream);
        scope.Call?.OnFailed(stream.Stop);
        writer.WriteStartObject();
        writer.WriteNumber("stream"u8, stream.Number);
        writer.WriteEndObject();
    }

    public override Stream Read(ref Utf8JsonReader reader, in WireScope scope)
    {
        var element = JsonElement.ParseValue(ref reader);
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty("stream", out var number)
            && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var value)
            ? scope.Connection.Streams.Receive(value)
            : throw new JsonException("A stream must be an object with its number.");
    }
}
