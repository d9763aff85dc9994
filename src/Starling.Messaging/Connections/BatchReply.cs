namespace Starling.Messaging.Connections;

/// <summary>The answers to one batch, which go out together when the last is there. JSON-RPC 2.0, section 6. Thread-safe.</summary>
internal sealed class BatchReply
{
    private readonly Lock _gate = new();
    private readonly WireConnection _connection;
    private readonly OutgoingMessage _message;
    private int _answers;
    private int _open = 1;

    public BatchReply(WireConnection connection)
    {
        _connection = connection;
        _message = connection.Context.Messages.Get();
        _message.BeginBatch();
    }

    /// <summary>One more answer is due.</summary>
    public void Expect() => Interlocked.Increment(ref _open);

    /// <summary>Takes one answer, which is not sealed.</summary>
    public void Add(OutgoingMessage answer)
    {
        lock (_gate)
        {
            _message.Add(answer);
            _answers++;
        }

        _connection.Context.Messages.Return(answer);
        OnePartDone();
    }

    /// <summary>The whole batch has been read, or an answer has come.</summary>
    public void OnePartDone()
    {
        if (Interlocked.Decrement(ref _open) > 0)
        {
            return;
        }

        // Notifications alone are not answered, not even by an empty batch.
        if (_answers > 0)
        {
            _message.EndBatch();
            _message.Seal();
            _connection.Output.Send(_message);
        }

        _connection.Context.Messages.Return(_message);
    }
}
