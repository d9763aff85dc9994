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
/// no more. Handlers of the topic run one at a time, which is what guards <see cref="_waiting"/>.
/// </remarks>
internal sealed class ChannelLink(ChannelHub hub, IBackplane backplane, ILogger logger) : IAsyncDisposable
{
    private const string Topic = "starling.channels";
    private const byte PublicationKind = 1;
    private const byte AskEpochKind = 2;
    private const byte AskAllKind = 3;
    private const byte HistoricKind = 4;
    private const byte SentKind = 5;
    private const int AskEvery = 100;

    private readonly SortedDictionary<(string Epoch, long Offset), Publication> _waiting = new();
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
        var end = Math.Max(upTo, hub.History.Current.OffsetOf(epoch));
        foreach (var publication in read(hub.History))
        {
            await SendAsync(HistoricKind, asker, content => PublicationCodec.Write(content, publication));
        }

        await SendAsync(SentKind, asker, content => WritePosition(content, epoch, end));
    }

    private ValueTask ReceiveAsync(Publication publication, string sender)
    {
        var known = hub.History.Current.OffsetOf(publication.Epoch);
        if (publication.Offset <= known + 1)
        {
            Take(publication);
            return ValueTask.CompletedTask;
        }

        // Something is missing. The sender answers with what it still has, and says when that was all.
        _waiting[(publication.Epoch, publication.Offset)] = publication;
        return _waiting.Count % AskEvery == 1
            ? AskAsync(publication.Epoch, known, publication.Offset, sender)
            : ValueTask.CompletedTask;
    }

    private ValueTask AskAsync(string epoch, long after, long upTo, string node) => SendAsync(AskEpochKind, node, content =>
    {
        WriteOffset(content, after);
        WritePosition(content, epoch, upTo);
    });

    private void Take(Publication publication)
    {
        hub.Receive(publication);
        var (epoch, offset) = (publication.Epoch, publication.Offset);
        while (_waiting.Count > 0 && _waiting.Remove((epoch, ++offset), out var next))
        {
            hub.Receive(next);
        }
    }

    private ValueTask TakeWaitingAsync(string epoch, long end, string sender)
    {
        foreach (var key in _waiting.Keys.Where(key => key.Epoch == epoch && key.Offset <= end + 1).ToArray())
        {
            if (_waiting.Remove(key, out var publication))
            {
                Take(publication);
            }
        }

        // An answer to an earlier question, which could not tell of what is missing now: several at once publish on that node.
        return _waiting.Keys.LastOrDefault(key => key.Epoch == epoch) is { Epoch: not null } last
            ? AskAsync(epoch, hub.History.Current.OffsetOf(epoch), last.Offset, sender)
            : ValueTask.CompletedTask;
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
