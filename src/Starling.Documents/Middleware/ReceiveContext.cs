namespace Starling.Documents.Middleware;

/// <summary>A message of a client.</summary>
public sealed class ReceiveContext
{
    internal ReceiveContext(DocumentSession session, string action, ReadOnlyMemory<byte> message)
    {
        Session = session;
        Action = action;
        Message = message;
    }

    /// <summary>Who sent it.</summary>
    public DocumentSession Session { get; }

    /// <summary>The action of ShareDB's protocol, for example <c>op</c> or <c>s</c>.</summary>
    public string Action { get; }

    /// <summary>The whole message as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Message { get; }
}
