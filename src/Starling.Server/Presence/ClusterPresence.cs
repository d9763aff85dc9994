using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Starling.Server.Backplane;
using Starling.Server.Diagnostics;
using Starling.Server.Sessions;

namespace Starling.Server.Presence;

/// <summary>Presence over the backplane: every node keeps the members of all nodes and says regularly that it lives.</summary>
/// <remarks>Life time: the application's. Thread-safe. Changes are reported in the order in which this node learnt of them.</remarks>
internal sealed class ClusterPresence : IPresence, IAsyncDisposable
{
    private const string Topic = "starling.presence";
    private const int MaxStateBytes = 64 * 1024;
    private const int MaxWaitingChanges = 10_000;
    private const int EntriesPerMessage = 500;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan NodeExpiry = TimeSpan.FromSeconds(30);

    private readonly IBackplane _backplane;
    private readonly TimeProvider _time;
    private readonly SteadyTime _steady;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly PresenceTable _table = new();
    private readonly Dictionary<string, DateTimeOffset> _nodes = new(StringComparer.Ordinal);
    private readonly List<(string Channel, ChannelWriter<PresenceChange> Writer)> _watchers = [];
    private readonly Task<IAsyncDisposable?> _subscription;
    private DateTimeOffset _nextBeat;

    public ClusterPresence(IBackplane backplane, TimeProvider time, ILogger<ClusterPresence> logger)
    {
        _backplane = backplane;
        _time = time;
        _steady = new SteadyTime(time);
        _logger = logger;
        _nextBeat = _steady.GetUtcNow() + BeatInterval;
        _subscription = OpenAsync();
        _timer = time.CreateTimer(static state => _ = ((ClusterPresence)state!).OnTickAsync(), this, Tick, Tick);
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

        var expires = expiry is { } span ? _steady.GetUtcNow() + span : DateTimeOffset.MaxValue;
        PresenceChange? change;
        lock (_gate)
        {
            change = Report(_table.Set(channel, new PresenceMember(member, state.ToArray(), _time.GetUtcNow()), _backplane.NodeId, expires));
        }

        // Nobody else counts down this node's members, so that a mere prolongation concerns no one.
        return change is null
            ? ValueTask.CompletedTask
            : SendAsync(PresenceMessageKind.Join, [new PresenceEntry(channel, member, json, change.Member.Since)], cancellationToken);
    }

    public ValueTask LeaveAsync(string channel, string member, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        ArgumentException.ThrowIfNullOrEmpty(member);
        lock (_gate)
        {
            if (Report(_table.Remove(channel, member, _backplane.NodeId)) is null)
            {
                return ValueTask.CompletedTask;
            }
        }

        return SendAsync(PresenceMessageKind.Leave, [new PresenceEntry(channel, member, null, default)], cancellationToken);
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
            await SendAsync(PresenceMessageKind.Ask, [], CancellationToken.None);
            return subscription;
        }
        catch (IOException exception)
        {
            _logger.BackplaneSubscriptionFailed(exception, Topic);
            return null;
        }
    }

    private async Task OnTickAsync()
    {
        var now = _steady.GetUtcNow();
        List<PresenceEntry> gone = [];
        bool beats;
        lock (_gate)
        {
            foreach (var (channel, member) in _table.Expired(_backplane.NodeId, now))
            {
                Report(_table.Remove(channel, member.Id, _backplane.NodeId));
                gone.Add(new PresenceEntry(channel, member.Id, null, default));
            }

            foreach (var node in _nodes.Where(node => node.Value <= now).Select(node => node.Key).ToArray())
            {
                _nodes.Remove(node);
                Forget(node);
            }

            beats = now >= _nextBeat;
            _nextBeat = beats ? now + BeatInterval : _nextBeat;
        }

        if (gone.Count > 0)
        {
            await SendAsync(PresenceMessageKind.Leave, gone, CancellationToken.None);
        }

        if (beats)
        {
            await SendAsync(PresenceMessageKind.Beat, [], CancellationToken.None);
        }
    }

    // Under the lock.
    private void Forget(string node)
    {
        foreach (var (channel, member) in _table.OfNode(node))
        {
            Report(_table.Remove(channel, member.Id, node) is { } change ? change with { IsOrphaned = true } : null);
        }
    }

    // Under the lock.
    private PresenceChange? Report(PresenceChange? change)
    {
        if (change is not null)
        {
            Changed?.Invoke(change);
            foreach (var (channel, writer) in _watchers)
            {
                if (channel == change.Channel && !writer.TryWrite(change))
                {
                    writer.TryComplete();
                }
            }
        }

        return change;
    }

    private async ValueTask SendAsync(
        PresenceMessageKind kind, IReadOnlyList<PresenceEntry> entries, CancellationToken cancellationToken, string? recipient = null)
    {
        if (_backplane.IsAlone)
        {
            return;
        }

        try
        {
            var data = JsonSerializer.SerializeToUtf8Bytes(new PresenceMessage(kind, entries), PresenceMessageContext.Default.PresenceMessage);
            await _backplane.PublishAsync(new DataMessage(Topic, data) { Recipient = recipient }, cancellationToken);
        }
        catch (IOException exception)
        {
            // The others take this node's members for gone; they learn of them again from its answer to their question.
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
        bool isNew;
        lock (_gate)
        {
            isNew = !_nodes.ContainsKey(sender);
            _nodes[sender] = _steady.GetUtcNow() + NodeExpiry;
            foreach (var entry in message.Entries)
            {
                if (message.Kind == PresenceMessageKind.Join && entry.State is { } state)
                {
                    var member = new PresenceMember(entry.Member, JsonSerializer.SerializeToUtf8Bytes(state, PresenceMessageContext.Default.JsonElement), entry.Since);
                    Report(_table.Set(entry.Channel, member, sender, DateTimeOffset.MaxValue));
                }
                else if (message.Kind == PresenceMessageKind.Leave)
                {
                    Report(_table.Remove(entry.Channel, entry.Member, sender));
                }
            }
        }

        if (message.Kind == PresenceMessageKind.Ask)
        {
            await TellAllAsync(sender);
        }
        else if (isNew)
        {
            // It was thought gone, or came while nobody listened.
            await SendAsync(PresenceMessageKind.Ask, [], CancellationToken.None, sender);
        }
    }

    private async ValueTask TellAllAsync(string asker)
    {
        List<(string Channel, PresenceMember Member)> own;
        lock (_gate)
        {
            own = _table.OfNode(_backplane.NodeId);
        }

        foreach (var chunk in own.Chunk(EntriesPerMessage))
        {
            var entries = chunk.Select(item => new PresenceEntry(
                item.Channel, item.Member.Id, JsonElement.Parse(item.Member.State.Span), item.Member.Since)).ToArray();
            await SendAsync(PresenceMessageKind.Join, entries, CancellationToken.None, asker);
        }
    }
}
