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
/// Messages: a publication; a question for an epoch's publications after an offset; a question for everything; a publication in answer to
/// one; the end of an answer, upon which what is still missing is lost and is waited for no more. Handlers of the topic run one at a time, which is what guards <see cref="_waiting"/>.
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
                TakeWaiting(ReadPosition(content.Span).Epoch);
                return ValueTask.CompletedTask;
            case AskEpochKind:
                var (epoch, after) = ReadPosition(content.Span);
                return AnswerAsync(hub.History.OfEpoch(epoch, after), sender, epoch);
            case AskAllKind:
                return AnswerAsync(hub.History.All(), sender, hub.Epoch);
            default:
                throw new InvalidDataException($"Messages of kind {kind} are not known here; the nodes run different versions.");
        }
    }

    private async ValueTask AnswerAsync(List<Publication> publications, string asker, string epoch)
    {
        foreach (var publication in publications)
        {
            await SendAsync(HistoricKind, asker, content => PublicationCodec.Write(content, publication));
        }

        await SendAsync(SentKind, asker, content => WritePosition(content, epoch, 0));
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
            ? SendAsync(AskEpochKind, sender, content => WritePosition(content, publication.Epoch, known))
            : ValueTask.CompletedTask;
    }

    private void Take(Publication publication)
    {
        hub.Receive(publication);
        var (epoch, offset) = (publication.Epoch, publication.Offset);
        while (_waiting.Count > 0 && _waiting.Remove((epoch, ++offset), out var next))
        {
            hub.Receive(next);
        }
    }

    private void TakeWaiting(string epoch)
    {
        foreach (var key in _waiting.Keys.Where(key => key.Epoch == epoch).ToArray())
        {
            hub.Receive(_waiting[key]);
            _waiting.Remove(key);
        }
    }

    private static void WritePosition(PooledBuffer content, string epoch, long offset)
    {
        BinaryPrimitives.WriteInt64LittleEndian(content.GetSpan(sizeof(long)), offset);
        content.Advance(sizeof(long));
        content.Write(Encoding.UTF8.GetBytes(epoch));
    }

    private static (string Epoch, long Offset) ReadPosition(ReadOnlySpan<byte> content) =>
        (Encoding.UTF8.GetString(content[sizeof(long)..]), BinaryPrimitives.ReadInt64LittleEndian(content));
}
