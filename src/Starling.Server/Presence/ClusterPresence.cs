using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Starling.Server.Backplane;
using Starling.Server.Diagnostics;
using Starling.Server.Sessions;

namespace Starling.Server.Presence;

/// <summary>Presence over the backplane: every node keeps the members of all nodes and says regularly that it lives.</summary>
/// <remarks>
/// Each node counts the changes of its own members: that is their version. Changes travel with the versions before and after them, and each
/// beat tells the present one. A node that finds itself at another version has missed something and asks for all members of that node; what
/// the answer does not name has left. So whatever a node misses is healed by the next change or beat. Life time: the application's.
/// Thread-safe. Changes are reported in the order in which this node learnt of them.
/// </remarks>
internal sealed class ClusterPresence : IPresence, IAsyncDisposable
{
    private const string Topic = "starling.presence";
    private const int MaxStateBytes = 64 * 1024;
    private const int MaxWaitingChanges = 10_000;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan NodeExpiry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(2);

    private readonly IBackplane _backplane;
    private readonly TimeProvider _time;
    private readonly SteadyTime _steady;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly PresenceTable _table = new();
    private readonly Dictionary<string, PeerMembers> _nodes = new(StringComparer.Ordinal);
    private readonly List<(string Channel, ChannelWriter<PresenceChange> Writer)> _watchers = [];
    private readonly PresenceOutbox _outbox;
    private readonly Task<IAsyncDisposable?> _subscription;
    private DateTimeOffset _nextBeat;

    public ClusterPresence(IBackplane backplane, TimeProvider time, ILogger<ClusterPresence> logger)
    {
        _backplane = backplane;
        _time = time;
        _steady = new SteadyTime(time);
        _logger = logger;
        _nextBeat = _steady.GetUtcNow() + BeatInterval;
        _outbox = new PresenceOutbox(_gate, () => _table.OfNode(_backplane.NodeId), SendAsync);
        _subscription = OpenAsync();
        _timer = time.CreateTimer(static state => ((ClusterPresence)state!).OnTick(), this, Tick, Tick);
    }

    /// <summary>Reports each change as soon as it is known. Under the lock; must be quick.</summary>
    public event Action<PresenceChange>? Changed;

    /// <summary>This node's name.</summary>
    public string NodeId => _backplane.NodeId;

    /// <summary>Whether of all living nodes this one is to speak for those that are gone.</summary>
    public bool IsSpokesman
    {
        get
        {
            lock (_gate)
            {
                return _nodes.Keys.All(node => string.CompareOrdinal(_backplane.NodeId, node) < 0);
            }
        }
    }

    public ValueTask JoinAsync(
        string channel, string member, ReadOnlyMemory<byte> state, TimeSpan? expiry = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        ArgumentException.ThrowIfNullOrEmpty(member);
        if (state.Length > MaxStateBytes)
        {
            throw new ArgumentException($"The state has {state.Length} bytes; at most {MaxStateBytes} may be kept for each member.", nameof(state));
        }

        JsonElement json;
        try
        {
            json = JsonElement.Parse(state.Span);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException("The state is no JSON: " + exception.Message, nameof(state), exception);
        }

        var expires = Expiry(expiry);
        Task told;
        lock (_gate)
        {
            Report(_table.Set(channel, new PresenceMember(member, state.ToArray(), _time.GetUtcNow()), _backplane.NodeId, expires, out var changed));

            // Other nodes do not count down this node's members, so that a mere prolongation does not concern them.
            if (changed is null)
            {
                return ValueTask.CompletedTask;
            }

            told = _outbox.Add(new PresenceEntry(channel, member, json, changed.Since), state.Length);
        }

        _outbox.Start();
        return new ValueTask(told.WaitAsync(cancellationToken));
    }

    public ValueTask LeaveAsync(string channel, string member, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        ArgumentException.ThrowIfNullOrEmpty(member);
        Task told;
        lock (_gate)
        {
            Report(_table.Remove(channel, member, _backplane.NodeId, out var hasChanged));
            if (!hasChanged)
            {
                return ValueTask.CompletedTask;
            }

            told = _outbox.Add(new PresenceEntry(channel, member, null, default), 0);
        }

        _outbox.Start();
        return new ValueTask(told.WaitAsync(cancellationToken));
    }

    public IReadOnlyList<PresenceMember> List(string channel)
    {
        lock (_gate)
        {
            return _table.List(channel);
        }
    }

    public IReadOnlyDictionary<string, IReadOnlyList<PresenceMember>> ListAll(string prefix)
    {
        lock (_gate)
        {
            return _table.ListAll(prefix);
        }
    }

    public async IAsyncEnumerable<PresenceChange> WatchAsync(string channel, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var changes = Channel.CreateBounded<PresenceChange>(MaxWaitingChanges);
        var watcher = (channel, changes.Writer);
        lock (_gate)
        {
            _watchers.Add(watcher);
        }

        try
        {
            await foreach (var change in changes.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        if (await _subscription is { } subscription)
        {
            await subscription.DisposeAsync();
        }
    }

    private async Task<IAsyncDisposable?> OpenAsync()
    {
        try
        {
            var subscription = await _backplane.SubscribeAsync(Topic, ReceiveAsync, CancellationToken.None);
            await SendAsync(Question(), recipient: null);
            return subscription;
        }
        catch (IOException exception)
        {
            _logger.BackplaneSubscriptionFailed(exception, Topic);
            return null;
        }
    }

    private DateTimeOffset Expiry(TimeSpan? expiry)
    {
        var now = _steady.GetUtcNow();
        return expiry is { } span && span < DateTimeOffset.MaxValue - now ? now + span : DateTimeOffset.MaxValue;
    }

    private void OnTick()
    {
        try
        {
            lock (_gate)
            {
                LookAfterMembers(_steady.GetUtcNow());
            }

            _outbox.Start();
        }
        catch (Exception exception)
        {
            // An exception on a timer would end the process.
            _logger.PresenceTickFailed(exception);
        }
    }

    // Under the lock.
    private void LookAfterMembers(DateTimeOffset now)
    {
        foreach (var (channel, member) in _table.Expired(_backplane.NodeId, now))
        {
            Report(_table.Remove(channel, member.Id, _backplane.NodeId, out _));
            _outbox.Add(new PresenceEntry(channel, member.Id, null, default), 0);
        }

        foreach (var node in _nodes.Where(node => node.Value.Expires <= now).Select(node => node.Key).ToArray())
        {
            _nodes.Remove(node);
            Forget(node);
        }

        if (now >= _nextBeat)
        {
            _nextBeat = now + BeatInterval;
            _outbox.AddBeat();
        }
    }

    // Under the lock.
    private void Forget(string node)
    {
        foreach (var (channel, member) in _table.OfNode(node))
        {
            Report(_table.Remove(channel, member.Id, node, out _) is { } change ? change with { IsOrphaned = true } : null);
        }
    }

    // Under the lock.
    private void Report(PresenceChange? change)
    {
        if (change is null)
        {
            return;
        }

        Changed?.Invoke(change);
        foreach (var (channel, writer) in _watchers)
        {
            if (channel == change.Channel && !writer.TryWrite(change))
            {
                writer.TryComplete();
            }
        }
    }

    private static PresenceMessage Question() => new(PresenceMessageKind.Ask, 0, 0, []);

    private async ValueTask SendAsync(PresenceMessage message, string? recipient)
    {
        if (_backplane.IsAlone)
        {
            return;
        }

        try
        {
            var data = JsonSerializer.SerializeToUtf8Bytes(message, PresenceMessageContext.Default.PresenceMessage);
            await _backplane.PublishAsync(new DataMessage(Topic, data) { Recipient = recipient }, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The others learn from the next change or beat that they have missed something.
            _logger.BackplaneMessageFailed(exception, _backplane.NodeId);
        }
    }

    private async ValueTask ReceiveAsync(BackplaneMessage message)
    {
        try
        {
            if (message is DataMessage data
                && JsonSerializer.Deserialize(data.Data.Span, PresenceMessageContext.Default.PresenceMessage) is { } content)
            {
                await ReceiveAsync(content, message.Sender);
            }
        }
        catch (JsonException exception)
        {
            _logger.BackplaneMessageFailed(exception, message.Sender);
        }
    }

    private async ValueTask ReceiveAsync(PresenceMessage message, string sender)
    {
        bool asks;
        lock (_gate)
        {
            var now = _steady.GetUtcNow();
            if (!_nodes.TryGetValue(sender, out var peer))
            {
                _nodes[sender] = peer = new PeerMembers();
            }

            peer.Expires = now + NodeExpiry;
            asks = !Take(message, sender, peer) && !(now - peer.Asked < AnswerPatience);
            if (asks)
            {
                peer.Asked = now;
            }

            if (message.Kind == PresenceMessageKind.Ask)
            {
                _outbox.AddQuestion(sender);
            }
        }

        _outbox.Start();
        if (asks)
        {
            await SendAsync(Question(), sender);
        }
    }

    // Under the lock. Returns whether this node has all that the sender has told of.
    private bool Take(PresenceMessage message, string sender, PeerMembers peer)
    {
        switch (message.Kind)
        {
            case PresenceMessageKind.Changes:
                if (peer.TryFollow(message))
                {
                    Apply(message.Entries, sender);
                    return true;
                }

                return message.To <= peer.Version;
            case PresenceMessageKind.All:
                if (peer.TryTake(message))
                {
                    Apply(message.Entries, sender);
                    peer.Named.UnionWith(message.Entries.Select(static entry => (entry.Channel, entry.Member)));
                    if (message.IsLast)
                    {
                        RemoveUnnamed(sender, peer.Named);
                        peer.Complete(message.To);
                    }
                }

                return true;
            case PresenceMessageKind.Beat:
                return peer.Version == message.To;
            default:
                return peer.Version is not null;
        }
    }

    // Under the lock.
    private void Apply(IReadOnlyList<PresenceEntry> entries, string sender)
    {
        foreach (var entry in entries)
        {
            if (entry.State is { } state)
            {
                var member = new PresenceMember(entry.Member, JsonSerializer.SerializeToUtf8Bytes(state, PresenceMessageContext.Default.JsonElement), entry.Since);
                Report(_table.Set(entry.Channel, member, sender, DateTimeOffset.MaxValue, out _));
            }
            else
            {
                Report(_table.Remove(entry.Channel, entry.Member, sender, out _));
            }
        }
    }

    // Under the lock.
    private void RemoveUnnamed(string node, HashSet<(string Channel, string Member)> named)
    {
        foreach (var (channel, member) in _table.OfNode(node))
        {
            if (!named.Contains((channel, member.Id)))
            {
                Report(_table.Remove(channel, member.Id, node, out _));
            }
        }
    }
}
