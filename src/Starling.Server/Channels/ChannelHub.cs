using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Starling.Server.Backplane;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Cluster;
using Starling.Server.Channels.History;
using Starling.Server.Channels.Subscriptions;
using Starling.Server.Diagnostics;

namespace Starling.Server.Channels;

/// <summary>
/// The hub: takes updates from publishers, keeps them in the history, hands them to subscribers and to the other nodes.
/// </summary>
/// <remarks>
/// Life time: the application's. Thread-safe. A publication's way: rules, number, file, history (in <see cref="PublishAsync"/>), then, one
/// loop at a time, subscribers (<see cref="Dispatch"/>).
/// </remarks>
internal sealed class ChannelHub : IChannelPublisher, IChannelSubscriber, IAsyncDisposable
{
    private const int BatchSize = 256;
    private const int ReadBytes = 64 * 1024;
    private static readonly TimeSpan EpochPatience = TimeSpan.FromSeconds(2);

    private readonly ChannelOptions _options;
    private readonly TimeProvider _time;
    private readonly ChannelMetrics _metrics;
    private readonly ILogger _logger;
    private readonly HistoryFile? _file;
    private readonly ChannelLink _link;
    private readonly UpdateRules _rules;
    private readonly ITimer _beat;
    private readonly Lock _publishing = new();
    private readonly Queue<Publication> _undispatched = [];
    private long _offset;
    private bool _dispatching;
    private bool _beatDue;
    private readonly TimeSpan _beatInterval;
    private long _lastBeat;

    public ChannelHub(
        ChannelOptions options, string hubUrl, IBackplane backplane, TimeProvider time, ChannelMetrics metrics, ILogger<ChannelHub> logger)
    {
        _options = options;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        HubUrl = hubUrl;
        _rules = new UpdateRules(hubUrl);
        History = new PublicationHistory(options);
        Subscribers = new SubscriberTable(History, hubUrl);
        Epoch = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 6));
        if (options.HistoryFile is { } path)
        {
            _file = HistoryFile.Open(path, Epoch);
            Epoch = _file.Epoch;
            foreach (var publication in _file.Load())
            {
                History.Append(publication, keepsOwnId: true);
            }

            _offset = Math.Max(History.Current.OffsetOf(Epoch), _file.LastOffset);
            History.Adopt(Epoch, _offset);
        }

        _link = new ChannelLink(this, backplane, time, logger);
        _ = _link.OpenAsync();
        _beatInterval = options.HeartbeatInterval / Subscriber.BeatsInInterval;
        var tick = TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerSecond, _beatInterval.Ticks / 3));
        _lastBeat = time.GetTimestamp();
        _beat = time.CreateTimer(static state => ((ChannelHub)state!).OnTick(), this, tick, tick);
    }

    /// <summary>The hub's URL, against which relative topics and patterns are resolved.</summary>
    public string HubUrl { get; }

    /// <summary>This node's name in cursors.</summary>
    public string Epoch { get; }

    public PublicationHistory History { get; }

    public SubscriberTable Subscribers { get; }

    public async ValueTask<string> PublishAsync(Update update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        cancellationToken.ThrowIfCancellationRequested();
        if (_rules.Check(update) is { } error)
        {
            throw new ArgumentException(error, nameof(update));
        }

        return await PublishCheckedAsync(update);
    }

    /// <summary>Publishes what the rules do not need to be asked about: what was checked, and what the hub itself says.</summary>
    public async ValueTask<string> PublishCheckedAsync(Update update)
    {
        Publication publication;
        lock (_publishing)
        {
            publication = new Publication(update, Epoch, _offset + 1, _time.GetUtcNow());
            Store(publication);
            _offset++;
            Take(publication);
        }

        _metrics.Published(update.Data.Length);
        ScheduleDispatch();
        await _link.PublishAsync(publication);
        return publication.Id;
    }

    /// <summary>What is wrong with an update, or null.</summary>
    public string? Check(Update update) => _rules.Check(update);

    /// <summary>Takes in what another node published, in order.</summary>
    public void Receive(Publication publication)
    {
        lock (_publishing)
        {
            if (publication.Offset > History.Current.OffsetOf(publication.Epoch))
            {
                Store(publication);
                Take(publication);
            }
        }

        ScheduleDispatch();
    }

    /// <summary>
    /// Waits a moment for epochs that a client knows and this node does not: their nodes may have begun just now, and the client has been
    /// with one that heard of it sooner. What is unknown after that is taken for lost. Never throws.
    /// </summary>
    public async ValueTask WaitForEpochsAsync(Cursor cursor, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (!_link.IsAlone && History.WhenNewEpoch(cursor) is { } news)
        {
            var left = EpochPatience - _time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || cancellationToken.IsCancellationRequested)
            {
                return;
            }

            await news.WaitAsync(left, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async IAsyncEnumerable<Publication> SubscribeAsync(
        TopicSelection topics, Cursor? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var matchers = Matchers(topics);
        await WaitForEpochsAsync(after ?? Cursor.Start, cancellationToken);
        var subscriber = new SignalledSubscriber(matchers, ChannelAccess.Everything, after ?? History.Current, after == Cursor.Start);
        var batch = new List<Publication>();
        Subscribers.Add(subscriber);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                batch.Clear();
                var result = History.Read(subscriber, batch, ReadBytes);
                if (result.Gap is { } gap)
                {
                    throw new ChannelGapException(gap);
                }

                foreach (var publication in batch)
                {
                    yield return publication;
                }

                if (Subscribers.TryResume(subscriber))
                {
                    await Subscribers.WhenSuspended(subscriber).WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            Subscribers.Remove(subscriber);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _beat.DisposeAsync();
        Subscribers.Stop();
        await _link.DisposeAsync();
        _file?.Dispose();
    }

    private TopicMatcher[] Matchers(TopicSelection topics)
    {
        var wanted = topics.Topics.Select(topic => (TopicMatcher.ExactType, topic))
            .Concat(topics.UrlPatterns.Select(pattern => (TopicMatcher.UrlPatternType, pattern)));
        return
        [
            .. wanted.Select(item => TopicMatcher.TryCreate(item.Item1, item.Item2, HubUrl, out var matcher, out var error)
                ? matcher
                : throw new ArgumentException(error, nameof(topics))),
        ];
    }

    private void Store(Publication publication)
    {
        if (_file is not { } file)
        {
            return;
        }

        if (file.WantsRewrite)
        {
            try
            {
                file.Rewrite(History.All(), _offset);
            }
            catch (IOException exception)
            {
                _logger.HistoryNotCompacted(exception);
            }
        }

        file.Append(publication);
    }

    // Under the lock, so that numbers, file, history and dispatch agree on the order.
    private void Take(Publication publication)
    {
        if (History.Append(publication, keepsOwnId: _link.IsAlone))
        {
            _undispatched.Enqueue(publication);
        }
    }

    private void OnTick()
    {
        History.ForgetBefore(_time.GetUtcNow() - _options.MaxHistoryAge);
        _link.OnTick();
        if (_time.GetElapsedTime(_lastBeat) >= _beatInterval)
        {
            _lastBeat = _time.GetTimestamp();
            lock (_publishing)
            {
                _beatDue = true;
            }

            ScheduleDispatch();
        }
    }

    private void ScheduleDispatch()
    {
        lock (_publishing)
        {
            if (_dispatching)
            {
                return;
            }

            _dispatching = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static hub => hub.Dispatch(), this, preferLocal: false);
    }

    // One loop at a time; ends when nothing is left.
    private void Dispatch()
    {
        var batch = new Publication[BatchSize];
        while (true)
        {
            var count = 0;
            bool beat;
            lock (_publishing)
            {
                while (count < BatchSize && _undispatched.TryDequeue(out var publication))
                {
                    batch[count++] = publication;
                }

                beat = _beatDue;
                _beatDue = false;
                if (count == 0 && !beat)
                {
                    _dispatching = false;
                    return;
                }
            }

            try
            {
                _metrics.Delivered(Subscribers.Dispatch(batch.AsSpan(0, count)));
                if (beat)
                {
                    Subscribers.Beat();
                }
            }
            catch (Exception exception)
            {
                // A subscriber that throws is a defect; the others must not wait for ever because of it.
                _logger.DispatchFailed(exception);
            }
        }
    }
}
