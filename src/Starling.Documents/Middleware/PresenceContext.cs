namespace Starling.Documents.Middleware;

/// <summary>A presence on its way from or to a client.</summary>
public sealed class PresenceContext
{
    internal PresenceContext(DocumentSession session, string channel, string id, DocumentKey? key, ReadOnlyMemory<byte> value)
    {
        Session = session;
        Channel = channel;
        Id = id;
        Key = key;
        Value = value;
    }

    /// <summary>Who sends it (<c>ReceivePresence</c>) or to whom it goes (<c>SendPresence</c>).</summary>
    public DocumentSession Session { get; }

    /// <summary>The channel.</summary>
    public string Channel { get; }

    /// <summary>The presence's own id.</summary>
    public string Id { get; }

    /// <summary>The document it is in, or null for one that is in no document.</summary>
    public DocumentKey? Key { get; }

    /// <summary>The value as UTF-8 JSON; <c>null</c> when it leaves.</summary>
    public ReadOnlyMemory<byte> Value { get; }
}
