using System.Text.Json;
using Starling.Messaging.Connections;

namespace Starling.Messaging.Payloads;

/// <summary>A sequence of the peer's. It can be read once. While one batch is consumed the next is already asked for.</summary>
internal sealed class RemoteSequence<T>(WireConnection connection, JsonElement? token, List<T> first, SequenceCodec<T> codec) : IAsyncEnumerable<T>, IHeldByPeer
{
    private readonly BatchCodec _batches = new(codec);
    private int _isRead;

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isRead, 1) != 0)
        {
            throw new InvalidOperationException("The sequence of a peer can be read once only.");
        }

        var isFinished = token is null;
        try
        {
            var next = isFinished ? null : NextAsync(cancellationToken);
            foreach (var value in first)
            {
                yield return value;
            }

            while (next is not null)
            {
                Batch batch;
                try
                {
                    batch = await next;
                }
                catch (Exception e) when (e is RpcException or ConnectionLostException)
                {
                    isFinished = true;
                    throw;
                }

                isFinished = batch.IsFinished;
                next = isFinished ? null : NextAsync(cancellationToken);
                foreach (var value in batch.Values)
                {
                    yield return value;
                }
            }
        }
        finally
        {
            if (!isFinished)
            {
                Abort();
            }
        }
    }

    public void GiveUp()
    {
        if (Interlocked.Exchange(ref _isRead, 1) == 0 && token is not null)
        {
            Abort();
        }
    }

    private void Abort() => connection.SendNotification("$/enumerator/abort", WriteToken);

    /// <remarks>A sequence may rest for as long as it likes, so only the connection's end or the reader's will bounds the wait.</remarks>
    private Task<Batch> NextAsync(CancellationToken cancellationToken) =>
        connection.CallAsync("$/enumerator/next", WriteToken, _batches, Timeout.InfiniteTimeSpan, cancellationToken);

    private void WriteToken(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("token"u8);
        token!.Value.WriteTo(writer);
        writer.WriteEndObject();
    }

    private sealed record Batch(List<T> Values, bool IsFinished);

    private sealed class BatchCodec(SequenceCodec<T> sequence) : Codec<Batch>
    {
        public override void Write(Utf8JsonWriter writer, Batch value, in WireScope scope) => throw new NotSupportedException();

        public override Batch Read(ref Utf8JsonReader reader, in WireScope scope)
        {
            List<T> values = [];
            var isFinished = false;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("The next values of a sequence must be an object.");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isValues = reader.ValueTextEquals("values"u8);
                var isEnd = reader.ValueTextEquals("finished"u8);
                reader.Read();
                if (isValues)
                {
                    sequence.ReadValues(ref reader, values, scope);
                }
                else if (isEnd)
                {
                    isFinished = reader.GetBoolean();
                }
                else
                {
                    reader.Skip();
                }
            }

            return new Batch(values, isFinished);
        }
    }
}
