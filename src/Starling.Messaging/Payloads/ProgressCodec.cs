using System.Text.Json;

namespace Starling.Messaging.Payloads;

/// <summary>An <see cref="IProgress{T}"/>: a token on the wire, under which <c>$/progress</c> notifications come back.</summary>
internal sealed class ProgressCodec<T>(PayloadSerializer serializer) : Codec<IProgress<T>?>
{
    private readonly Codec<T> _values = serializer.Of<T>();

    public override void Write(Utf8JsonWriter writer, IProgress<T>? value, in WireScope scope)
    {
        if (value is null || scope.Call is null)
        {
            writer.WriteNullValue();
            return;
        }

        var progress = scope.Connection.Progress;
        var token = progress.Add(new ProgressSink<T>(value, _values));
        scope.Call.OnEnd(() => progress.Remove(token));
        writer.WriteNumberValue(token);
    }

    public override IProgress<T>? Read(ref Utf8JsonReader reader, in WireScope scope)
    {
        var token = JsonElement.ParseValue(ref reader);
        return token.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Number or JsonValueKind.String => new RemoteProgress<T>(scope.Connection, token, _values),
            _ => throw new JsonException("A progress token must be a string or a number."),
        };
    }
}
