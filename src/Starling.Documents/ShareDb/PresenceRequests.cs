using System.Buffers;
using Starling.Documents.Diagnostics;
using Starling.Documents.Hosting;
using Starling.Documents.Json;
using Starling.Documents.Middleware;
using Starling.Documents.Presence;
using Starling.Ot;

namespace Starling.Documents.ShareDb;

/// <summary>Presence: the actions p, ps, pu and pr. One for each client; thread-safe.</summary>
internal sealed class PresenceRequests(ShareDbAgent agent) : IPresenceSubscriber
{
    private static readonly ReadOnlyMemory<byte> Nothing = "null"u8.ToArray();

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _sequences = new(StringComparer.Ordinal);
    private readonly HashSet<string> _subscribed = new(StringComparer.Ordinal);

    // What this client has sent, so that it can be taken back when the client is gone.
    private readonly Dictionary<(string Channel, string Id), PresenceUpdate> _sent = [];

    private long _sentBytes;
    private volatile bool _isReturning;

    private ShareDbServer Server => agent.Server;

    private bool IsEnabled => Server.Options.Presence;

    public async ValueTask UpdateAsync(ShareDbRequest request)
    {
        if (!IsEnabled)
        {
            return;
        }

        var update = Read(request);
        await DemandAsync(update.Channel, update.Key, update.Name);

        if (!Server.Documents.Middleware.ReceivePresence.IsEmpty)
        {
            var context = new PresenceContext(agent.Session, update.Channel, update.Id, update.Key, update.Value);
            await Server.Documents.Middleware.ReceivePresence.RunAsync(context, agent.Closed);
        }

        Remember(update);
        update = await PublishNewestAsync(update);
        await agent.ReplyAsync(request, new Reply(update.WriteMembers(agent.Identity.Id), HasData: true));
    }

    public async ValueTask SubscribeAsync(ShareDbRequest request)
    {
        if (!IsEnabled)
        {
            return;
        }

        var channel = Channel(request);
        await DemandAsync(channel, null, null);
        if (Enter(channel, JsonSlices.GetInteger(request["seq"u8]) ?? 0))
        {
            await Server.Presence.SubscribeAsync(channel, this, agent.Closed);
            RequestFrom(channel);
            if (_isReturning)
            {
                // What the client sent over its former connection was taken back, and it sends it again only if it is asked.
                agent.Send(RequestMessage(channel).Span);
            }
        }

        await ReplyAsync(request, channel);
    }

    public async ValueTask UnsubscribeAsync(ShareDbRequest request)
    {
        var channel = Channel(request);
        bool left;
        lock (_gate)
        {
            if (_sequences.Count < Server.Options.MaxPresences || _sequences.ContainsKey(channel))
            {
                _sequences[channel] = JsonSlices.GetInteger(request["seq"u8]) ?? 0;
            }

            left = _subscribed.Remove(channel);
        }

        if (left)
        {
            Server.Presence.Unsubscribe(channel, this);
            TakeBack(channel);
        }

        await ReplyAsync(request, channel);
    }

    public async ValueTask RequestAsync(ShareDbRequest request)
    {
        var channel = Channel(request);
        await DemandAsync(channel, null, null);
        RequestFrom(channel);
        await agent.ReplyAsync(request, default);
    }

    /// <summary>
    /// Notes that the client was connected before, and asks it for what it sent into channels over that connection: it sends that again by
    /// itself neither where it is subscribed nor where it is not.
    /// </summary>
    /// <param name="id">The id that the client had.</param>
    public void Return(string id)
    {
        _isReturning = true;
        foreach (var channel in Server.Departed.Take(id, agent.Session.UserId))
        {
            agent.Send(RequestMessage(channel).Span);
        }
    }

    public void OnPresence(PresenceMessage message)
    {
        if (message.Source == agent.Session.Source)
        {
            return;
        }

        if (message.Id is null || (Server.Documents.Middleware.SendPresence.IsEmpty && Server.Access.IsOpen))
        {
            agent.Send(message.Bytes.Span);
            return;
        }

        _ = SendAsync(message, message.Id);
    }

    public void Close()
    {
        string[] channels;
        string[] sent;
        lock (_gate)
        {
            channels = [.. _subscribed];
            sent = [.. _sent.Values.Where(update => !JsonSlices.IsNull(update.Value) && !_subscribed.Contains(update.Channel))
                .Select(update => update.Channel).Distinct(StringComparer.Ordinal)];
            _subscribed.Clear();
        }

        foreach (var channel in channels)
        {
            Server.Presence.Unsubscribe(channel, this);
        }

        Server.Departed.Add(agent.Identity.Id, agent.Session.UserId, sent);
        TakeBack(null);
    }

    private static string Channel(ShareDbRequest request) =>
        JsonSlices.GetString(request["ch"u8]) ?? throw ShareDbRequest.BadlyFormed("Invalid presence channel");

    private PresenceUpdate Read(ShareDbRequest request)
    {
        IPresenceType? type = null;
        if (JsonSlices.GetString(request["t"u8]) is { } name)
        {
            type = Server.Engine.Services.Types.Find(name) as IPresenceType
                ?? throw new DocumentException(DocumentErrors.CannotPresence, "Type does not support presence: " + name);
        }

        var isInDocument = request.Has("c"u8) && request.Has("d"u8);
        return new PresenceUpdate(Channel(request), JsonSlices.GetString(request["id"u8])!)
        {
            // A copy, since it is kept longer than the rest of the message.
            Value = request.Has("p"u8) ? request["p"u8].ToArray() : Nothing,
            Counter = JsonSlices.GetInteger(request["pv"u8]),
            Name = isInDocument ? request.Collection : null,
            Key = isInDocument ? Server.Resolve(request.Collection).Key(request.Document) : null,
            Version = request.Version,
            Type = type,
        };
    }

    private void Remember(PresenceUpdate update)
    {
        lock (_gate)
        {
            agent.Closed.ThrowIfCancellationRequested();
            var path = (update.Channel, update.Id);
            if (_sent.Count >= Server.Options.MaxPresences && !_sent.ContainsKey(path))
            {
                throw new DocumentException(
                    DocumentErrors.TooManySubscriptions, $"A connection may have {Server.Options.MaxPresences} presences");
            }

            if (!_sent.TryGetValue(path, out var previous) || previous.Counter < update.Counter)
            {
                var bytes = _sentBytes + update.Bytes - (previous?.Bytes ?? 0);
                if (bytes > Server.Options.MaxPresenceBytes)
                {
                    throw new DocumentException(
                        DocumentErrors.TooManySubscriptions, $"The presences of a connection may have {Server.Options.MaxPresenceBytes} bytes together");
                }

                _sentBytes = bytes;
                _sent[path] = update;
            }
        }
    }

    /// <summary>Notes a subscription; false if it is there already or one sent later was seen.</summary>
    private bool Enter(string channel, long sequence)
    {
        lock (_gate)
        {
            if (_subscribed.Count >= Server.Options.MaxPresences && !_subscribed.Contains(channel))
            {
                throw new DocumentException(
                    DocumentErrors.TooManySubscriptions, $"A connection may have {Server.Options.MaxPresences} presence channels");
            }

            if (sequence < _sequences.GetValueOrDefault(channel))
            {
                return false;
            }

            if (_sequences.Count >= 2 * Server.Options.MaxPresences && !_sequences.ContainsKey(channel))
            {
                // Of channels that were left long ago it does not matter any more in which order that was asked for.
                foreach (var left in _sequences.Keys.Where(name => !_subscribed.Contains(name)).ToList())
                {
                    _sequences.Remove(left);
                }
            }

            _sequences[channel] = sequence;
            return _subscribed.Add(channel);
        }
    }

    /// <summary>Tells the others that what this client has sent is no more.</summary>
    private void TakeBack(string? channel)
    {
        List<PresenceUpdate> sent;
        lock (_gate)
        {
            sent = [.. _sent.Values.Where(update => channel is null || update.Channel == channel)];
            sent.ForEach(update => _sent.Remove((update.Channel, update.Id)));
            _sentBytes -= sent.Sum(update => update.Bytes);
        }

        foreach (var update in sent.Where(update => !JsonSlices.IsNull(update.Value)))
        {
            _ = TakeBackAsync(update with { Value = Nothing });
        }
    }

    private async Task TakeBackAsync(PresenceUpdate update)
    {
        try
        {
            await PublishNewestAsync(update, mayBeGone: true);
        }
        catch (Exception exception)
        {
            Server.Log.PresenceFailed(exception, update.Channel);
        }
    }

    /// <summary>
    /// Publishes a presence as it is at its document's newest version, also one that is no more: a client that gets it for an older version
    /// asks the sender for a newer one, and the sender may be gone.
    /// </summary>
    private async ValueTask<PresenceUpdate> PublishNewestAsync(PresenceUpdate update, bool mayBeGone = false)
    {
        if (update is not { Key: { } document, Type: { } type, Version: { } version })
        {
            Publish(update, mayBeGone);
            return update;
        }

        // Sent on from the document's loop, so that two updates arrive in the order in which they were made.
        return await Server.Engine.AskAsync(document, async (active, token) =>
        {
            var (value, current) = JsonSlices.IsNull(update.Value)
                ? (Nothing, active.State.Version)
                : await DocumentPresence.CarryAsync(active, type, update.Value, version, agent.Session.Source, token);
            var carried = update with { Value = value, Version = current };
            Publish(carried, mayBeGone);
            return carried;
        });
    }

    // Under the lock, so that nothing is sent on after it was taken back.
    private void Publish(PresenceUpdate update, bool mayBeGone)
    {
        lock (_gate)
        {
            if (mayBeGone || _sent.ContainsKey((update.Channel, update.Id)))
            {
                Server.Presence.Publish(update.ToMessage(agent.Session.Source));
            }
        }
    }

    private void RequestFrom(string channel)
    {
        Server.Presence.Publish(new PresenceMessage(channel, agent.Session.Source, RequestMessage(channel)));
    }

    private static ReadOnlyMemory<byte> RequestMessage(string channel)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("{\"a\":\"pr\",\"ch\":"u8);
        output.Text(channel);
        output.Raw("}"u8);
        return output.WrittenMemory;
    }

    private ValueTask DemandAsync(string channel, DocumentKey? key, string? name) => Server.Access.IsOpen
        ? ValueTask.CompletedTask
        : Server.Access.DemandChannelAsync(agent.Session, channel, key, name, text => Server.Resolve(text).Collection, agent.Closed);

    private ValueTask ReplyAsync(ShareDbRequest request, string channel)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw(",\"ch\":"u8);
        output.Text(channel);
        if (request.Has("seq"u8))
        {
            output.Raw(",\"seq\":"u8);
            output.Raw(request["seq"u8].Span);
        }

        return agent.ReplyAsync(request, new Reply(output.WrittenMemory));
    }

    private async Task SendAsync(PresenceMessage message, string id)
    {
        try
        {
            if (message.Key is { } key && !await Server.Access.AllowsAsync(agent.Session, key.Collection, key.Id, AccessKind.Presence, agent.Closed))
            {
                return;
            }

            var context = new PresenceContext(agent.Session, message.Channel, id, message.Key, message.Value);
            await Server.Documents.Middleware.SendPresence.RunAsync(context, agent.Closed);
            agent.Send(message.Bytes.Span);
        }
        catch (DocumentException refusal) when (Server.Options.ForwardSendPresenceErrors)
        {
            agent.Send(PresenceUpdate.WriteError(message.Channel, id, refusal).Span);
        }
        catch (Exception exception)
        {
            Server.Log.PresenceFailed(exception, message.Channel);
        }
    }
}
