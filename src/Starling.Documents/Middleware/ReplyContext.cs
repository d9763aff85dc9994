namespace Starling.Documents.Middleware;

/// <summary>An answer on its way to a client.</summary>
public sealed class ReplyContext
{
    internal ReplyContext(DocumentSession session, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> reply)
    {
        Session = session;
        Request = request;
        Reply = reply;
    }

    /// <summary>To whom it goes.</summary>
    public DocumentSession Session { get; }

    /// <summary>What was asked, as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Request { get; }

    /// <summary>The answer as UTF-8 JSON; may be replaced by another object.</summary>
    public ReadOnlyMemory<byte> Reply { get; set; }
}
