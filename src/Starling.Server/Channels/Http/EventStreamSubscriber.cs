using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Starling.Protocol.EventStream;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Http;

/// <summary>A subscriber behind an event stream.</summary>
/// <remarks>
/// While it is live the dispatcher writes into the response and flushes once for each batch; a flush that does not complete at once suspends
/// it, and its own loop goes on when the client has read.
/// </remarks>
internal sealed class EventStreamSubscriber(
    IReadOnlyList<TopicMatcher> matchers, ChannelAccess access, Cursor cursor, bool wantsEarliest, PipeWriter output)
    : Subscriber(matchers, access, cursor, wantsEarliest)
{
    private readonly Lock _gate = new();
    private Task<FlushResult>? _flush;
    private Cursor? _sentCursor;
    private int _idleBeats;
    private bool _ended;

    /// <summary>Whether the client is gone.</summary>
    public bool IsGone { get; private set; }

    public override bool Offer(Publication publication)
    {
        Write(publication, Cursor);
        return true;
    }

    public override bool Flush()
    {
        lock (_gate)
        {
            if (_ended)
            {
                return true;
            }

            var flush = output.FlushAsync(CancellationToken.None);
            if (!flush.IsCompletedSuccessfully)
            {
                _flush = flush.AsTask();
                return false;
            }

            IsGone |= flush.Result.IsCompleted;
            return true;
        }
    }

    public override bool Beat(Cursor current)
    {
        // One beat sooner than the interval: the stream was silent before the first of these beats, and a beat comes somewhat late.
        if (++_idleBeats < BeatsInInterval - 1)
        {
            return false;
        }

        _idleBeats = 0;

        // A client whose topics are quiet should not fall behind because of others: its position moves on without events.
        if (_sentCursor is not null && !current.Equals(_sentCursor) && !current.Equals(Cursor.Start))
        {
            EventStreamWriter.WriteId(output, Encoding.UTF8.GetBytes(current.Max(Cursor).ToString()));
            _sentCursor = current;
        }
        else
        {
            EventStreamWriter.WriteComment(output, []);
        }

        return true;
    }

    /// <summary>Writes a publication for a client that has come as far as a cursor.</summary>
    public void Write(Publication publication, Cursor seen)
    {
        output.Write(publication.Cursor.Covers(seen) ? publication.EventStream : publication.EventStreamFor(seen));
        _idleBeats = 0;
        _sentCursor = publication.Cursor;
    }

    /// <summary>Completes when the flush that suspended it is done.</summary>
    public Task FinishFlushAsync()
    {
        lock (_gate)
        {
            return _flush is { } flush ? FinishAsync(flush) : Task.CompletedTask;
        }
    }

    /// <summary>Makes sure that the dispatcher does not flush any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
        }
    }

    private async Task FinishAsync(Task<FlushResult> flush) => IsGone |= (await flush).IsCompleted;
}
