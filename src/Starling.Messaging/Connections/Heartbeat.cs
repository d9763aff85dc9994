using Starling.Messaging.Payloads;

namespace Starling.Messaging.Connections;

/// <summary>
/// Asks a silent peer whether it lives, and ends the connection when it does not answer. A peer that does not know <c>$/ping</c> answers
/// with an error, which is a sign of life as well. Only the sweeper's thread calls it.
/// </summary>
internal sealed class Heartbeat(WireConnection connection, MessagingOptions options)
{
    private readonly NothingCodec _codec = new();
    private long? _askedAt;

    /// <summary>Time has passed that nobody saw.</summary>
    public void Postpone(long ticks)
    {
        if (_askedAt is { } askedAt)
        {
            // What was answered before must not look unanswered now.
            _askedAt = connection.LastRead < askedAt ? askedAt + ticks : null;
        }
    }

    public void Check(long now)
    {
        if (options.HeartbeatInterval == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        var lastRead = connection.LastRead;
        if (_askedAt is { } askedAt && lastRead < askedAt)
        {
            if (options.TimeProvider.GetElapsedTime(askedAt, now) > options.HeartbeatTimeout)
            {
                connection.End(new TimeoutException($"The peer gave no sign of life for {options.TimeProvider.GetElapsedTime(lastRead, now)}."));
            }

            return;
        }

        _askedAt = null;
        if (options.TimeProvider.GetElapsedTime(lastRead, now) > options.HeartbeatInterval)
        {
            _askedAt = now;
            _ = AskAsync();
        }
    }

    private async Task AskAsync()
    {
        try
        {
            await connection.CallAsync(
                "$/ping",
                static writer =>
                {
                    writer.WriteStartArray();
                    writer.WriteEndArray();
                },
                _codec, options.CallTimeout, CancellationToken.None);
        }
        catch (Exception e) when (e is RpcException or TimeoutException or IOException)
        {
            // Any answer will do; Check sees that bytes have come, or that none have.
        }
    }
}
