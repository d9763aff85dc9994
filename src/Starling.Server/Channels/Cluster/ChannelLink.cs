using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using Starling.Protocol.Buffers;
using Starling.Server.Backplane;
using Starling.Server.Channels.History;
using Starling.Server.Diagnostics;

namespace Starling.Server.Channels.Cluster;

/// <summary>
/// Carries publications between nodes. Each node's publications arrive in order and whole: what the backplane lost, or what was published
/// before this node came, is asked for.
/// </summary>
/// <remarks>
/// Messages: a publication; a question for an epoch's publications between two offsets; a question for everything; a publication in answer
/// to one; the end of an answer, which names the offset up to which it told all: what is still missing up to there is lost and is waited for
/// no more. Where the answer does not come, since its node is gone, the others are asked, and after a while it is waited for no more. Thread-safe.
/// </remarks>
internal sealed class ChannelLink(ChannelHub hub, IBackplane backplane, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const string Topic = "starling.channels";
    private const byte PublicationKind = 1;
    private const byte AskEpochKind = 2;
    private const byte AskAllKind = 3;
    private const byte HistoricKind = 4;
    private const byte SentKind = 5;
    private const int AskEvery = 100;

    /// <summary>In a question: its answer needs no end.</summary>
    private const long NoEnd = -1;

    /// <summary>How long the node that published is waited for before the others are asked too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How long what comes later is kept back at most: a node that lives, however busy, has answered by then.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    // Also held while publications are taken, so that they are taken in order.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Epoch, long Offset), (Publication Publication, long Since)> _waiting = new();
    private IAsyncDisposable? _subscription;

    /// <summary>Whether there is no other node.</summary>
    public bool IsAlone => backplane.IsAlone;

    /// <summary>Subscribes, and asks the others for what they have.</summary>
    public async Task OpenAsync()
    {
        try
        {
            _subscription = await backplane.SubscribeAsync(Topic, ReceiveAsync, CancellationToken.None);
            await SendAsync(AskAllKind, recipient: null, _ => { });
        }
        catch (IOException exception)
        {
            logger.BackplaneSubscriptionFailed(exception, Topic);
        }
    }

    /// <summary>Hands a publication of this node to the others.</summary>
    public async ValueTask PublishAsync(Publication publication)
    {
        if (backplane.IsAlone)
        {
            return;
        }

        try
        {
            await SendAsync(PublicationKind, recipient: null, content => PublicationCodec.Write(content, publication));
        }
        catch (IOException exception)
        {
            // It is in the history: the others ask for it when the next one shows them the gap.
            logger.BackplaneMessageFailed(exception, backplane.NodeId);
        }
    }

    /// <summary>Looks after what has waited for long; to be called every second or so.</summary>
    public void OnTick()
    {
        List<string> asked = [];
        lock (_gate)
        {
            foreach (var epoch in _waiting.GroupBy(static item => item.Key.Epoch, static item => item.Value.Since).ToArray())
            {
                var age = time.GetElapsedTime(epoch.Min());
                if (age >= LongestWait)
                {
                    Release(epoch.Key, long.MaxValue);
                }
                else if (age >= Patience)
                {
                    asked.Add(epoch.Key);
                }
            }
        }

        foreach (var epoch in asked)
        {
            _ = AskOthersAsync(epoch);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_subscription is { } subscription)
        {
            await subscription.DisposeAsync();
        }
    }

    private async ValueTask SendAsync(byte kind, string? recipient, Action<PooledBuffer> write)
    {
        byte[] bytes;
        using (var buffer = new PooledBuffer())
        {
            buffer.WriteByte(kind);
            write(buffer);
            bytes = buffer.Written.ToArray();
        }

        await backplane.PublishAsync(new DataMessage(Topic, bytes) { Recipient = recipient }, CancellationToken.None);
    }

    private async ValueTask ReceiveAsync(BackplaneMessage message)
    {
        try
        {
            if (message is DataMessage { Data.IsEmpty: false } data)
            {
                await ReceiveAsync(data.Data.Span[0], data.Data[1..], message.Sender);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or ArgumentException)
        {
            logger.BackplaneMessageFailed(exception, message.Sender);
        }
    }

    private ValueTask ReceiveAsync(byte kind, ReadOnlyMemory<byte> content, string sender)
    {
        switch (kind)
        {
            case PublicationKind:
                return ReceiveAsync(PublicationCodec.Read(content.Span), sender);
            case HistoricKind:
                Take(PublicationCodec.Read(content.Span));
                return ValueTask.CompletedTask;
            case SentKind:
                var (told, end) = ReadPosition(content.Span);
                return TakeWaitingAsync(told, end, sender);
            case AskEpochKind:
                var after = BinaryPrimitives.ReadInt64LittleEndian(content.Span);
                var (epoch, upTo) = ReadPosition(content.Span[sizeof(long)..]);
                return AnswerAsync(history => history.OfEpoch(epoch, after), sender, epoch, upTo);
            case AskAllKind:
                return AnswerAsync(history => history.All(), sender, hub.Epoch, upTo: 0);
            default:
                throw new InvalidDataException($"Messages of kind {kind} are not known here; the nodes run different versions.");
        }
    }

    private async ValueTask AnswerAsync(Func<PublicationHistory, List<Publication>> read, string asker, string epoch, long upTo)
    {
        // Before it is read: what comes in between is told, but not promised.
        var end = upTo == NoEnd ? NoEnd : Math.Max(upTo, hub.History.Current.OffsetOf(epoch));
        foreach (var publication in read(hub.History))
        {
            await SendAsync(HistoricKind, asker, content => PublicationCodec.Write(content, publication));
        }

        if (end != NoEnd)
        {
            await SendAsync(SentKind, asker, content => WritePosition(content, epoch, end));
        }
    }

    private ValueTask ReceiveAsync(Publication publication, string sender)
    {
        long known;
        lock (_gate)
        {
            known = hub.History.Current.OffsetOf(publication.Epoch);
            if (publication.Offset <= known + 1)
            {
                Take(publication);
                return ValueTask.CompletedTask;
            }

            // Something is missing. The sender answers with what it still has, and says when that was all.
            _waiting[(publication.Epoch, publication.Offset)] = (publication, time.GetTimestamp());
            if (_waiting.Count % AskEvery != 1)
            {
                return ValueTask.CompletedTask;
            }
        }

        return AskAsync(publication.Epoch, known, publication.Offset, sender);
    }

    private async Task AskOthersAsync(string epoch)
    {
        try
        {
            await AskAsync(epoch, hub.History.Current.OffsetOf(epoch), NoEnd, node: null);
        }
        catch (IOException exception)
        {
            logger.BackplaneMessageFailed(exception, backplane.NodeId);
        }
    }

    private ValueTask AskAsync(string epoch, long after, long upTo, string? node) => SendAsync(AskEpochKind, node, content =>
    {
        WriteOffset(content, after);
        WritePosition(content, epoch, upTo);
    });

    private void Take(Publication publication)
    {
        lock (_gate)
        {
            hub.Receive(publication);
            var (epoch, offset) = (publication.Epoch, publication.Offset);
            while (_waiting.Count > 0 && _waiting.Remove((epoch, ++offset), out var next))
            {
                hub.Receive(next.Publication);
            }
        }
    }

    /// <summary>Waits no more for what is missing before these; under the lock.</summary>
    private void Release(string epoch, long end)
    {
        foreach (var key in _waiting.Keys.Where(key => key.Epoch == epoch && key.Offset <= end).ToArray())
        {
            if (_waiting.Remove(key, out var item))
            {
                Take(item.Publication);
            }
        }
    }

    private ValueTask TakeWaitingAsync(string epoch, long end, string sender)
    {
        long? last;
        lock (_gate)
        {
            Release(epoch, end + 1);
            last = _waiting.Keys.LastOrDefault(key => key.Epoch == epoch) is { Epoch: not null } key ? key.Offset : null;
        }

        // An answer to an earlier question, which could not tell of what is missing now: several at once publish on that node.
        return last is { } offset ? AskAsync(epoch, hub.History.Current.OffsetOf(epoch), offset, sender) : ValueTask.CompletedTask;
    }

    private static void WritePosition(PooledBuffer content, string epoch, long offset)
    {
        WriteOffset(content, offset);
        content.Write(Encoding.UTF8.GetBytes(epoch));
    }

    private static void WriteOffset(PooledBuffer content, long offset)
    {
        BinaryPrimitives.WriteInt64LittleEndian(content.GetSpan(sizeof(long)), offset);
        content.Advance(sizeof(long));
    }

    private static (string Epoch, long Offset) ReadPosition(ReadOnlySpan<byte> content) =>
        (Encoding.UTF8.GetString(content[sizeof(long)..]), BinaryPrimitives.ReadInt64LittleEndian(content));
}
