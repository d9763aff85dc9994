using System.Text;
using Starling.Protocol.Buffers;
using Starling.Protocol.EventStream;

namespace Starling.Server.Channels;

/// <summary>An update with its place in the hub's history. Immutable; encoded once for each wire format.</summary>
public sealed class Publication
{
    private byte[]? _eventStream;
    private byte[]? _json;

    internal Publication(Update update, string epoch, long offset, DateTimeOffset time)
    {
        Update = update;
        Epoch = epoch;
        Offset = offset;
        Time = time;
    }

    /// <summary>What was published.</summary>
    public Update Update { get; }

    /// <summary>When the hub took it.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The position of a client that has seen it and all before it; valid on every node.</summary>
    public Cursor Cursor { get; private set; } = Cursor.Start;

    /// <summary>Its id for subscribers: the publisher's, or else the text of <see cref="Cursor"/>.</summary>
    public string Id => Update.Id ?? Cursor.ToString();

    internal string Epoch { get; }

    internal long Offset { get; }

    /// <summary>Its place in the order in which this node took in publications.</summary>
    internal long Sequence { get; private set; }

    /// <summary>In how many topics' histories it is. Guarded by the history.</summary>
    internal int Retained { get; set; }

    /// <summary>Bytes that it is counted as.</summary>
    internal int Size => Update.Data.Length + Update.Topics.Sum(topic => topic.Length) + 128;

    internal void Place(long sequence, Cursor cursor)
    {
        Sequence = sequence;
        Cursor = cursor;
    }

    /// <summary>The event as <c>text/event-stream</c>.</summary>
    /// <param name="withCursor">
    /// Whether a publisher's own id is followed by the cursor, since on several nodes only that says what the client has had.
    /// </param>
    internal ReadOnlySpan<byte> EventStream(bool withCursor) => _eventStream ??= EncodeEventStream(withCursor);

    /// <summary>The publication as one JSON object.</summary>
    internal ReadOnlySpan<byte> Json => _json ??= PublicationJson.Encode(this);

    private byte[] EncodeEventStream(bool withCursor)
    {
        using var buffer = new PooledBuffer();
        var type = Update.Type is { } name ? Encoding.UTF8.GetBytes(name) : [];
        EventStreamWriter.WriteEvent(buffer, Encoding.UTF8.GetBytes(Id), type, Update.Retry, Update.Data.Span);
        if (withCursor && Update.Id is not null)
        {
            EventStreamWriter.WriteId(buffer, Encoding.UTF8.GetBytes(Cursor.ToString()));
        }

        return buffer.Written.ToArray();
    }
}
