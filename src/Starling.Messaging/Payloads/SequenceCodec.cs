using System.Text.Json;

namespace Starling.Messaging.Payloads;

/// <summary>
/// An <see cref="IAsyncEnumerable{T}"/>: an object with a token on the wire, under which the receiver asks for more values. The form is
/// that of StreamJsonRpc's asynchronous sequences (<c>$/enumerator/next</c>, <c>$/enumerator/abort</c>).
/// </summary>
internal sealed class SequenceCodec<T>(PayloadSerializer serializer) : Codec<IAsyncEnumerable<T>>
{
    private readonly Codec<T> _values = serializer.Of<T>();

    public override bool MayOpenAtPeer => true;

    public Codec<T> Values => _values;

    public override IAsyncEnumerable<T> Until(IAsyncEnumerable<T> value, CancellationToken ended) => new EndingSequence<T>(value, ended);

    public override void Write(Utf8JsonWriter writer, IAsyncEnumerable<T> value, in WireScope scope)
    {
        var connection = scope.Connection;
        var token = connection.Sequences.Add(new LocalSequence<T>(value, _values));
        scope.Call?.OnFailed(() => connection.Sequences.End(token));
        writer.WriteStartObject();
        writer.WriteNumber("token"u8, token);
        writer.WriteEndObject();
    }

    public override IAsyncEnumerable<T> Read(ref Utf8JsonReader reader, in WireScope scope)
    {
        JsonElement? token = null;
        List<T> first = [];
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A sequence must be an object with a token, values or both.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("token"u8))
            {
                reader.Read();
                token = JsonElement.ParseValue(ref reader);
            }
            else if (reader.ValueTextEquals("values"u8))
            {
                reader.Read();
                ReadValues(ref reader, first, scope);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new RemoteSequence<T>(scope.Connection, token, first, this);
    }

    public void ReadValues(ref Utf8JsonReader reader, List<T> values, in WireScope scope)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("The values of a sequence must be an array.");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            values.Add(_values.Read(ref reader, scope));
        }
    }
}
