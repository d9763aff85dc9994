namespace Starling.Server.Sessions;

/// <summary>What became of a write to a <see cref="SendQueue"/>.</summary>
internal enum SendStatus
{
    /// <summary>The bytes will be sent in order.</summary>
    Sent,

    /// <summary>The client reads too slowly and the queue holds as much as it may; nothing was queued.</summary>
    Full,

    /// <summary>The connection is closed or closing.</summary>
    Closed,
}
