namespace Starling.Messaging.Connections;

/// <summary>Something that a peer asked for.</summary>
internal abstract class InboxItem
{
    /// <summary>Begins it and returns at its first wait. Never throws; <see cref="Inbox.OnDone"/> is called when it is done.</summary>
    public abstract void Run();
}
