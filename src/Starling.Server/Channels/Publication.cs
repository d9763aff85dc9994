using System.Text;
using Starling.Protocol.Buffers;
using Starling.Protocol.EventStream;

namespace Starling.Server.Channels;

/// <summary>An update with its place in the hub's history. Immutable; encoded once for each wire format.</summary>
public sealed class Publication
{
    private const char EventMark = '~';

    private byte[]? _eventStream;
    private byte[]? _json;
    private bool _hasOwnId;

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

    /// <summary>
    /// Its id for subscribers: the publisher's, or else the text of <see cref="Cursor"/>. On several nodes always the latter, since only that
    /// says what a client has had that moves between them.
    /// </summary>
    public string Id => _hasOwnId ? Update.Id! : Cursor.ToString();

    internal string Epoch { get; }

    /// <summary>Whether it is one of the hub's own events about subscriptions, which have epochs of their own.</summary>
    internal bool IsEvent => IsEventEpoch(Epoch);

    internal long Offset { get; }

    /// <summary>Its place in the order in which this node took in publications.</summary>
    internal long Sequence { get; private set; }

    /// <summary>In how many topics' histories it is. Guarded by the history.</summary>
    internal int Retained { get; set; }

    /// <summary>Bytes that it is counted as.</summary>
    internal int Size => Update.Data.Length + Update.Topics.Sum(topic => topic.Length) + 128;

    /// <summary>Whether an epoch is one of events.</summary>
    internal static bool IsEventEpoch(string epoch) => epoch[0] == EventMark;

    /// <summary>A new epoch.</summary>
    /// <param name="ofEvents">Whether it is for events.</param>
    internal static string CreateEpoch(bool ofEvents) =>
        (ofEvents ? EventMark.ToString() : "") + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 6));

    internal void Place(long sequence, Cursor cursor, bool keepsOwnId)
    {
        _hasOwnId = keepsOwnId && Update.Id is not null;
        Sequence = sequence;
        Cursor = cursor;
    }

    /// <summary>The event as <c>text/event-stream</c>.</summary>
    internal ReadOnlySpan<byte> EventStream => _eventStream ??= EncodeEventStream(Id);

    /// <summary>The publication as one JSON object.</summary>
    internal ReadOnlySpan<byte> Json => _json ??= PublicationJson.Encode(this, Cursor);

    /// <summary>The event for a subscriber that has had more of some node than this one has: its position must not go back.</summary>
    internal byte[] EventStreamFor(Cursor subscriber) => EncodeEventStream(Cursor.Max(subscriber).ToString());

    /// <summary>The same as JSON.</summary>
    internal byte[] JsonFor(Cursor subscriber) => PublicationJson.Encode(this, Cursor.Max(subscriber));

    private byte[] EncodeEventStream(string id)
    {
        using var buffer = new PooledBuffer();
        var type = Update.Type is { } name ? Encoding.UTF8.GetBytes(name) : [];
        EventStreamWriter.WriteEvent(buffer, Encoding.UTF8.GetBytes(id), type, Update.Retry, Update.Data.Span);
        return buffer.Written.ToArray();
    }
}
