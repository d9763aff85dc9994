using Starling.Messaging.Calls;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Connections;

/// <summary>Sends batches over one connection. Owner: the connection. Thread-safe.</summary>
/// <param name="connection">The connection.</param>
/// <param name="slots">A place for each call that may be unanswered.</param>
internal sealed class BatchSender(WireConnection connection, CallSlots slots)
{
    private readonly MessagingContext _context = connection.Context;

    public async Task SendAsync(IReadOnlyList<BatchItem> items, CancellationToken cancellationToken)
    {
        var calls = items.Count(item => item.Call is not null);
        if (calls > _context.Options.MaxPendingCalls)
        {
            throw new ArgumentException(
                $"The batch has {calls} calls, and at most {_context.Options.MaxPendingCalls} may be unanswered ({nameof(MessagingOptions.MaxPendingCalls)}); send it in parts.");
        }

        var deadlines = items.Select(item => connection.DeadlineOf(item.Timeout)).ToArray();
        var timeout = calls == 0 ? _context.Options.CallTimeout : items.Max(item => Longest(item.Timeout));
        await slots.TakeAsync(calls, "The batch", timeout, cancellationToken);
        var sent = 0;
        try
        {
            connection.ThrowIfEnded();
            Write(items, deadlines, ref sent);
        }
        finally
        {
            // Of those that cannot be sent.
            slots.Release(calls - sent);
        }
    }

    private static TimeSpan Longest(TimeSpan timeout) => timeout == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(1) : timeout;

    /// <summary>Writes as many batches as the length asks for.</summary>
    private void Write(IReadOnlyList<BatchItem> items, long[] deadlines, ref int sent)
    {
        var batch = _context.Messages.Get();
        ArgumentException? tooLong = null;
        var written = 0;
        try
        {
            batch.BeginBatch();
            for (var i = 0; i < items.Count; i++)
            {
                var item = items[i];
                if (item.Token.IsCancellationRequested)
                {
                    item.FailUnsent(new OperationCanceledException(item.Token));
                    continue;
                }

                var part = _context.Messages.Get();
                try
                {
                    if (!TryWrite(item, deadlines[i], part, out var error))
                    {
                        sent += item.IsSent ? 1 : 0;
                        item.FailUnsent(error);
                        tooLong = item.Call is null ? error as ArgumentException : tooLong;
                        continue;
                    }

                    // Brackets and a comma.
                    if (written > 0 && batch.Bytes.Length + part.Bytes.Length + 2 > _context.Options.MaxMessageBytes)
                    {
                        Send(batch);
                        batch.BeginBatch();
                        written = 0;
                    }

                    batch.Add(part);
                    written++;
                    Follow(item, ref sent);
                }
                finally
                {
                    _context.Messages.Return(part);
                }
            }

            if (written > 0)
            {
                Send(batch);
            }
        }
        finally
        {
            _context.Messages.Return(batch);
        }

        if (tooLong is not null)
        {
            throw tooLong;
        }
    }

    private bool TryWrite(BatchItem item, long deadline, OutgoingMessage part, out Exception error)
    {
        try
        {
            if (item.Call is { } call)
            {
                call.Deadline = deadline;
                connection.Calls.Add(call);
                part.BeginRequest(call.Id, item.Method);
            }
            else
            {
                part.BeginNotification(item.Method);
            }

            item.Method.Write(part.Json, item.Arguments, new WireScope(connection, item.Call, part));
            part.End();
            error = _context.MessageLimit.TooLong(part, item.Method.Name);
            if (part.Bytes.Length + 2 <= _context.Options.MaxMessageBytes)
            {
                return true;
            }
        }
        catch (Exception e)
        {
            // What a user's converter throws concerns its own call only.
            error = e;
        }

        if (item.Call is { Id: > 0 } begun && connection.Calls.Take(begun.Id) is null)
        {
            // The connection's end was quicker and has settled it, and given its place back.
            item.IsSent = true;
        }

        return false;
    }

    /// <summary>From now on the connection settles the call.</summary>
    private void Follow(BatchItem item, ref int sent)
    {
        if (item.Call is not { } call)
        {
            return;
        }

        item.IsSent = true;
        sent++;
        if (item.Token.CanBeCanceled)
        {
            call.Registration = item.Token.UnsafeRegister((_, token) => connection.Cancel(call.Id, token), null);
        }
    }

    private void Send(OutgoingMessage batch)
    {
        batch.EndBatch();
        batch.Seal();
        connection.Output.Send(batch);
    }
}
