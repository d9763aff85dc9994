using Microsoft.Extensions.Logging;
using Starling.Documents.Diagnostics;
using Starling.Server.Backplane;

namespace Starling.Documents.Presence;

/// <summary>Carries presences between the clients of a channel, on this node and on others. Keeps none itself. Thread-safe.</summary>
internal sealed class PresenceHub(IBackplane backplane, ILogger log)
{
    private const string Topic = "documents:presence:";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Channel> _channels = new(StringComparer.Ordinal);

    public async ValueTask SubscribeAsync(string name, IPresenceSubscriber subscriber, CancellationToken cancellationToken)
    {
        Channel channel;
        lock (_gate)
        {
            if (!_channels.TryGetValue(name, out channel!))
            {
                var link = backplane.SubscribeAsync(Topic + name, message => OnRemote(name, message), cancellationToken).AsTask();
                _channels[name] = channel = new Channel(link);
            }

            channel.Add(subscriber);
        }

        await channel.Link;
    }

    public void Unsubscribe(string name, IPresenceSubscriber subscriber)
    {
        Channel? channel;
        lock (_gate)
        {
            if (!_channels.TryGetValue(name, out channel) || !channel.Remove(subscriber))
            {
                return;
            }

            _channels.Remove(name);
        }

        _ = UnlinkAsync(channel);
    }

    /// <summary>Sends to all subscribers of the channel; each leaves out what it sent itself.</summary>
    public void Publish(PresenceMessage message)
    {
        Deliver(message);
        if (!backplane.IsAlone)
        {
            _ = RelayAsync(message);
        }
    }

    private void Deliver(PresenceMessage message)
    {
        Channel? channel;
        lock (_gate)
        {
            channel = _channels.GetValueOrDefault(message.Channel);
        }

        foreach (var subscriber in channel?.Subscribers ?? [])
        {
            subscriber.OnPresence(message);
        }
    }

    private ValueTask OnRemote(string name, BackplaneMessage message)
    {
        if (message is DataMessage { Data: var data } && PresenceMessage.TryDecode(data, out var presence) && presence.Channel == name)
        {
            Deliver(presence);
        }

        return ValueTask.CompletedTask;
    }

    private async Task RelayAsync(PresenceMessage message)
    {
        try
        {
            await backplane.PublishAsync(new DataMessage(Topic + message.Channel, message.Encode()), CancellationToken.None);
        }
        catch (Exception exception)
        {
            log.PresenceFailed(exception, message.Channel);
        }
    }

    private async Task UnlinkAsync(Channel channel)
    {
        try
        {
            await (await channel.Link).DisposeAsync();
        }
        catch (Exception exception)
        {
            log.PresenceFailed(exception, "");
        }
    }

    /// <summary>The subscribers are an array that is made anew with every change, so that delivery needs no lock.</summary>
    private sealed class Channel(Task<IAsyncDisposable> link)
    {
        public Task<IAsyncDisposable> Link { get; } = link;

        public IPresenceSubscriber[] Subscribers { get; private set; } = [];

        public void Add(IPresenceSubscriber subscriber) => Subscribers = [.. Subscribers, subscriber];

        /// <summary>Removes a subscriber; true if none is left.</summary>
        public bool Remove(IPresenceSubscriber subscriber)
        {
            Subscribers = [.. Subscribers.Where(other => other != subscriber)];
            return Subscribers.Length == 0;
        }
    }
}
