namespace Starling.Messaging.Connections;

/// <summary>The answers to one batch, which go out together when the last is there, or a message is full. JSON-RPC 2.0, section 6. Thread-safe.</summary>
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
            // Longer than a message may be, the peer would have to close the connection. So the answers go as several arrays, which is all the
            // same to a peer that looks at their ids.
            if (_answers > 0 && _message.Bytes.Length + answer.Bytes.Length + 2 > _connection.Context.Options.MaxMessageBytes)
            {
                Send();
                _message.BeginBatch();
                _answers = 0;
            }

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
            Send();
        }

        _connection.Context.Messages.Return(_message);
    }

    private void Send()
    {
        _message.EndBatch();
        _message.Seal();
        _connection.Output.Send(_message);
    }
}
