namespace Starling.Server.Sessions;

/// <summary>What stands above a session: Socket.IO, or an application that uses Engine.IO by itself.</summary>
internal interface ISessionConsumer
{
    /// <summary>
    /// A message arrived. Called for one message at a time, in order; <paramref name="data"/> are valid until the returned task completes,
    /// and nothing more is read from the client before that.
    /// </summary>
    ValueTask OnMessageAsync(Session session, ReadOnlyMemory<byte> data, bool isBinary);

    /// <summary>Completes when nothing of what the client has sent is being handled.</summary>
    Task WhenIdleAsync() => Task.CompletedTask;

    /// <summary>The session ended. Called once; a message may still be in handling.</summary>
    void OnClosed(Session session, DisconnectReason reason);
}
