using System.Text.Json;
using Starling.Protocol.Buffers;
using Starling.Server.Presence;

namespace Starling.Server.Channels.Subscriptions;

/// <summary>
/// Knows the active subscriptions of all nodes, by way of presence, and publishes an event for each that begins or ends (Mercure, section
/// "Active Subscriptions").
/// </summary>
/// <remarks>A subscription's topic is its presence channel, which holds its document without the property <c>active</c>.</remarks>
internal sealed class SubscriptionRegistry : IDisposable
{
    private readonly ChannelHub _hub;
    private readonly ClusterPresence _presence;
    private readonly bool _enabled;
    private readonly string _root;

    public SubscriptionRegistry(ChannelOptions options, ChannelHub hub, ClusterPresence presence, string hubPath)
    {
        _hub = hub;
        _presence = presence;
        _enabled = options.Subscriptions;
        _root = hubPath + "/subscriptions";
        presence.Changed += OnChanged;
    }

    /// <summary>The path of all subscriptions.</summary>
    public string Root => _root;

    /// <summary>Tells of a new subscriber.</summary>
    public async ValueTask OpenAsync(Subscriber subscriber)
    {
        if (!_enabled)
        {
            return;
        }

        foreach (var matcher in subscriber.Matchers)
        {
            var topic = TopicOf(matcher, subscriber);
            await _presence.JoinAsync(topic, subscriber.Id, Document(topic, matcher, subscriber), null, CancellationToken.None);
            await PublishAsync(topic, Document(topic, matcher, subscriber), isActive: true);
        }
    }

    /// <summary>Tells that a subscriber went.</summary>
    public async ValueTask CloseAsync(Subscriber subscriber)
    {
        if (!_enabled)
        {
            return;
        }

        foreach (var matcher in subscriber.Matchers)
        {
            var topic = TopicOf(matcher, subscriber);
            await _presence.LeaveAsync(topic, subscriber.Id, CancellationToken.None);
        }
    }

    /// <summary>The documents of active subscriptions whose topic begins in some way.</summary>
    public IEnumerable<byte[]> List(string prefix) =>
        _presence.ListAll(prefix).Values.SelectMany(members => members).OrderBy(member => member.Since).Select(member => WithActive(member.State.Span, isActive: true));

    /// <summary>The document of one subscription, or null when it is not active.</summary>
    public byte[]? Find(string topic) => _presence.List(topic) is [{ } member] ? WithActive(member.State.Span, isActive: true) : null;

    public void Dispose() => _presence.Changed -= OnChanged;

    // Whoever held the subscription says that it ended; for a node that is gone, one of the others does. Under the presence's lock.
    private void OnChanged(PresenceChange change)
    {
        var isOurs = change.IsOrphaned ? _presence.IsSpokesman : change.Node == _presence.NodeId;
        if (isOurs && change.Kind == PresenceChangeKind.Left && change.Channel.StartsWith(_root, StringComparison.Ordinal))
        {
            _ = Task.Run(() => PublishAsync(change.Channel, change.Member.State.Span.ToArray(), isActive: false).AsTask());
        }
    }

    private async ValueTask PublishAsync(string topic, byte[] document, bool isActive) =>
        await _hub.PublishEventAsync(new Update([topic], WithActive(document, isActive))
        {
            IsPrivate = true,
            Type = UpdateRules.HubEventType,
        });

    private string TopicOf(TopicMatcher matcher, Subscriber subscriber) =>
        $"{_root}/{matcher.Type}/{Uri.EscapeDataString(matcher.Pattern)}/{Uri.EscapeDataString(subscriber.Id)}";

    private static byte[] Document(string topic, TopicMatcher matcher, Subscriber subscriber)
    {
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, topic);
            writer.WriteString("type"u8, "subscription"u8);
            writer.WriteString("match_type"u8, matcher.Type);
            writer.WriteString("match"u8, matcher.Pattern);
            writer.WriteString("subscriber"u8, subscriber.Id);
            if (subscriber.Access.PayloadFor(matcher) is { } payload)
            {
                writer.WritePropertyName("payload"u8);
                writer.WriteRawValue(payload);
            }

            writer.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }

    // The stored document ends in a brace, before which the last property goes.
    private static byte[] WithActive(ReadOnlySpan<byte> document, bool isActive) =>
        [.. document[..^1], .. isActive ? ",\"active\":true}"u8 : ",\"active\":false}"u8];
}
