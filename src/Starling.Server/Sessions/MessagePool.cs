namespace Starling.Server.Sessions;

/// <summary>Lends <see cref="OutgoingMessage"/>s: one per thread, since sending ends before the call that sends returns.</summary>
internal static class MessagePool
{
    [ThreadStatic]
    private static OutgoingMessage? _cached;

    /// <summary>Takes this thread's message, or a new one when the thread is already encoding one.</summary>
    public static OutgoingMessage Rent()
    {
        var message = _cached ?? new OutgoingMessage();
        _cached = null;
        return message;
    }

    /// <summary>Gives a message back; its memory returns to the pool.</summary>
    public static void Return(OutgoingMessage message)
    {
        message.Dispose();
        _cached = message;
    }
}
