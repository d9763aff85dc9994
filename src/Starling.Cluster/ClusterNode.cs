using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Starling.Cluster.Diagnostics;
using Starling.Cluster.Links;
using Starling.Cluster.Topics;
using Starling.Cluster.Wire;
using Starling.Protocol.Buffers;
using Starling.Server.Backplane;

namespace Starling.Cluster;

/// <summary>What a node knows and does while it is linked with others: who wants what, and who gets what. Thread-safe.</summary>
/// <remarks>
/// The lock is held while topics are told to the links, so that every node learns of subscriptions in their order; under it only queues of
/// links are written to, which never waits.
/// </remarks>
internal sealed class ClusterNode
{
    private const int LongestKeptBuffer = 64 * 1024;
    private const int MessageOverhead = 128;
    private const int ScratchChars = 256;

    private readonly LocalClusterOptions _options;
    private readonly ClusterMetrics _metrics;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PeerLink> _links = new(StringComparer.Ordinal);
    private readonly PeerTopics _peerTopics = new();
    private readonly ConcurrentDictionary<string, LocalTopic> _localTopics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LocalTopic>.AlternateLookup<ReadOnlySpan<char>> _byChars;
    private readonly ConcurrentDictionary<byte, bool> _unknownKinds = [];
    private TaskCompletionSource _changed = NewSignal();
    private PooledBuffer? _spare;
    private bool _hasLeft;

    public ClusterNode(string name, LocalClusterOptions options, ClusterMetrics metrics, ILogger log)
    {
        Name = name;
        _options = options;
        _metrics = metrics;
        _log = log;
        _byChars = _localTopics.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public string Name { get; }

    /// <summary>Completes when another node came, was told everything, or left. To be taken before what is waited for is looked at.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public void SignalChange() => Interlocked.Exchange(ref _changed, NewSignal()).SetResult();

    public PeerLink? Find(string name)
    {
        lock (_gate)
        {
            return _links.GetValueOrDefault(name);
        }
    }

    public PeerLink[] Links()
    {
        lock (_gate)
        {
            return [.. _links.Values];
        }
    }

    /// <summary>Keeps a link until it ends. There must be no other one to the same node.</summary>
    public async Task RunAsync(PeerLink link)
    {
        if (!TryAdd(link, out var told))
        {
            return;
        }

        _metrics.PeerJoined();
        _log.PeerJoined(link.Name);
        var receiving = link.ReceiveAsync(Receive);
        _ = SignalWhenKnownAsync(Task.WhenAll(told, link.Known));
        await receiving;

        // Forgotten before the socket is closed: who leaves and has seen that is counted no more.
        lock (_gate)
        {
            _links.Remove(link.Name);
            _peerTopics.Remove(link);
        }

        await link.EndAsync();
        _metrics.PeerLeft();
        _log.PeerLeft(link.Name);
        SignalChange();
    }

    /// <summary>Takes no more links; returns those that there are.</summary>
    public PeerLink[] Leave()
    {
        lock (_gate)
        {
            _hasLeft = true;
            return [.. _links.Values];
        }
    }

    public int CountPeers(string topic) => _peerTopics.Of(topic).Length;

    public void Publish(BackplaneMessage message)
    {
        var peers = _peerTopics.Of(message.Topic);
        if (peers.Length == 0)
        {
            return;
        }

        if (message.Recipient is { } recipient)
        {
            var link = Array.Find(peers, peer => peer.Name == recipient);
            if (link is null)
            {
                return;
            }

            peers = [link];
        }

        var buffer = Interlocked.Exchange(ref _spare, null) ?? new PooledBuffer();
        try
        {
            Send(peers, buffer.Message(message));
        }
        finally
        {
            if (buffer.Length > LongestKeptBuffer || Interlocked.CompareExchange(ref _spare, buffer, null) is not null)
            {
                buffer.Dispose();
            }
        }
    }

    /// <summary>Subscribes and tells the others.</summary>
    /// <returns>The subscription, and for each other node what completes when it knows.</returns>
    public (LocalSubscription Subscription, List<(PeerLink Peer, Task Told)> Answers) Subscribe(string name, Func<BackplaneMessage, ValueTask> handler)
    {
        using var buffer = new PooledBuffer();
        lock (_gate)
        {
            if (!_localTopics.TryGetValue(name, out var topic))
            {
                var since = _links.Values.ToDictionary(static link => link, static link => link.Mark());
                _localTopics[name] = topic = new LocalTopic(name, since, _options.MaxQueuedBytes, _metrics, _log);
            }

            var subscription = new LocalSubscription(topic, handler, Unsubscribe);
            topic.Add(subscription);
            var frame = buffer.Topic(FrameKind.Subscribe, name);
            var answers = new List<(PeerLink, Task)>(_links.Count);
            foreach (var link in _links.Values)
            {
                link.Send(frame);
                answers.Add((link, link.SynchronizeAsync()));
            }

            return (subscription, answers);
        }
    }

    private void Unsubscribe(LocalSubscription subscription)
    {
        using var buffer = new PooledBuffer();
        lock (_gate)
        {
            var topic = subscription.Topic;
            topic.Remove(subscription);
            if (!topic.IsUnused)
            {
                return;
            }

            _localTopics.TryRemove(topic.Name, out _);
            var frame = buffer.Topic(FrameKind.Unsubscribe, topic.Name);
            foreach (var link in _links.Values)
            {
                link.Send(frame);
            }
        }
    }

    private bool TryAdd(PeerLink link, out Task told)
    {
        using var buffer = new PooledBuffer();
        lock (_gate)
        {
            if (_hasLeft || !_links.TryAdd(link.Name, link))
            {
                told = Task.CompletedTask;
                return false;
            }

            foreach (var topic in _localTopics.Keys)
            {
                link.Send(buffer.Topic(FrameKind.Subscribe, topic));
            }

            told = link.SynchronizeAsync();
            link.Told = told;
            return true;
        }
    }

    private void Send(PeerLink[] peers, ReadOnlySpan<byte> frame)
    {
        if (frame.Length > _options.MaxMessageBytes)
        {
            throw new IOException(
                $"A message between the nodes of the cluster has {frame.Length} bytes, {_options.MaxMessageBytes} are allowed. {nameof(LocalClusterOptions)}.{nameof(LocalClusterOptions.MaxMessageBytes)} raises that on all nodes.");
        }

        foreach (var peer in peers)
        {
            if (!peer.Send(frame))
            {
                _metrics.PeerCut();
            }
        }

        _metrics.Sent(peers.Length, frame.Length);
    }

    private void Receive(PeerLink link, FrameKind kind, ReadOnlyMemory<byte> content)
    {
        switch (kind)
        {
            case FrameKind.Message:
                ReceiveMessage(link, content);
                break;
            case FrameKind.Subscribe:
                _peerTopics.Add(link, Frames.ReadTopic(content));
                break;
            case FrameKind.Unsubscribe:
                _peerTopics.Remove(link, Frames.ReadTopic(content));
                break;
            default:
                throw new WireException($"a frame has the unknown kind {(byte)kind}");
        }
    }

    private void ReceiveMessage(PeerLink link, ReadOnlyMemory<byte> content)
    {
        _metrics.Received(content.Length);
        var fields = new FieldReader(content);
        if (FindTopic(ref fields) is not { } topic || !topic.Takes(link))
        {
            return;
        }

        var number = fields.ReadByte();
        if (MessageKinds.Find(number) is not { } kind)
        {
            if (_unknownKinds.TryAdd(number, true))
            {
                _log.KindUnknown(number, link.Name);
            }

            return;
        }

        var recipient = fields.ReadFlag() ? Name : null;
        var message = kind.Read(topic.Name, ref fields);
        fields.End();
        topic.Enqueue(message with { Sender = link.Name, Recipient = recipient }, content.Length + MessageOverhead);
    }

    private LocalTopic? FindTopic(scoped ref FieldReader fields)
    {
        Span<char> scratch = stackalloc char[ScratchChars];
        return fields.TryReadChars(scratch, out var length)
            ? _byChars.TryGetValue(scratch[..length], out var topic) ? topic : null
            : _localTopics.GetValueOrDefault(fields.ReadText());
    }

    private async Task SignalWhenKnownAsync(Task known)
    {
        await known;
        SignalChange();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
