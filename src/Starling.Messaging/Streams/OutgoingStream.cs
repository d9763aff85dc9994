using Starling.Messaging.Connections;
using Starling.Messaging.Diagnostics;

namespace Starling.Messaging.Streams;

/// <summary>
/// A stream of ours on its way to the peer: read in chunks, each sent as a binary frame as far as the peer has granted room. Owner: the
/// connection's <see cref="StreamTable"/>.
/// </summary>
/// <param name="number">Its number on the wire.</param>
/// <param name="source">What is sent.</param>
/// <param name="isOwned">Whether the source is disposed at the end.</param>
/// <param name="connection">The connection.</param>
internal sealed class OutgoingStream(long number, Stream source, bool isOwned, WireConnection connection)
{
    /// <summary>Largest chunk: small enough that other messages get their turn, large enough to cost little.</summary>
    private const int MaxChunk = 64 * 1024;

    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private long _credit = StreamTable.InitialCredit;
    private TaskCompletionSource? _waiting;
    private volatile bool _isStopped;

    public long Number { get; } = number;

    /// <summary>Begins to send; to be called when the message that names the stream has gone out.</summary>
    public void Start() => _ = SendAsync();

    /// <summary>The peer has room for more.</summary>
    public void Grant(long bytes)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            // A peer that grants beyond all sense only deceives itself, but the sum must not overflow.
            _credit = Math.Min(_credit + Math.Max(0, bytes), long.MaxValue / 2);
            waiting = _waiting;
            _waiting = null;
        }

        waiting?.TrySetResult();
    }

    /// <summary>The peer wants no more, or is gone.</summary>
    public void Cancel() => ThreadPool.UnsafeQueueUserWorkItem(static stream => stream.CancelNow(), this, preferLocal: false);

    /// <summary>Nobody needs the rest: the call that it went with has failed. Who reads it there must not wait for more.</summary>
    public void Stop()
    {
        _isStopped = true;
        Cancel();
    }

    /// <summary>The message that names it will never go out.</summary>
    public void Drop()
    {
        CancelNow();
        Start();
    }

    private void CancelNow()
    {
        try
        {
            _ended.Cancel();
        }
        catch (AggregateException e)
        {
            // What the source does when it is cancelled is its own affair.
            connection.Context.Logger.HandlerFailed(e, "a stream's source", connection.RemoteAddress);
        }

        Grant(0);
    }

    private async Task SendAsync()
    {
        try
        {
            while (await SendChunkAsync())
            {
            }
        }
        catch (Exception e)
        {
            if (_isStopped || !_ended.IsCancellationRequested)
            {
                connection.SendNotification("$/stream/fail", writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("stream"u8, Number);
                    writer.WriteString("message"u8, _isStopped ? "The call that it was an argument of has ended." : connection.Context.Options.IncludeErrorDetails ? e.Message : "Its source failed.");
                    writer.WriteEndObject();
                });
            }
        }
        finally
        {
            connection.Streams.Remove(this);
            if (isOwned)
            {
                await source.DisposeAsync();
            }
        }
    }

    /// <returns>Whether there may be more.</returns>
    private async ValueTask<bool> SendChunkAsync()
    {
        var room = await WaitForCreditAsync();
        await connection.Output.WaitForRoomAsync(_ended.Token);
        var message = connection.Context.Messages.Get();
        try
        {
            var memory = message.BeginChunk((int)Math.Min(room, MaxChunk));
            var count = await source.ReadAsync(memory, _ended.Token);
            message.EndChunk(count, Number);
            lock (_gate)
            {
                _credit -= count;
            }

            connection.Output.Send(message);
            return count > 0;
        }
        finally
        {
            connection.Context.Messages.Return(message);
        }
    }

    private async ValueTask<long> WaitForCreditAsync()
    {
        while (true)
        {
            Task granted;
            lock (_gate)
            {
                _ended.Token.ThrowIfCancellationRequested();
                if (_credit > 0)
                {
                    return _credit;
                }

                _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                granted = _waiting.Task;
            }

            await granted;
        }
    }
}
