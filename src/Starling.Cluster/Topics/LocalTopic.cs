using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Starling.Cluster.Diagnostics;
using Starling.Cluster.Links;
using Starling.Server.Backplane;

namespace Starling.Cluster.Topics;

/// <summary>
/// A topic that this node is subscribed to: what came and waits for its handlers, which run one at a time. The loop exists only while
/// there is something to do. Thread-safe.
/// </summary>
internal sealed class LocalTopic(string name, Dictionary<PeerLink, long> since, int maxBytes, ClusterMetrics metrics, ILogger log) : IThreadPoolWorkItem
{
    // A former subscription to the same topic may have ended a moment ago, and what was meant for it may still come: until a node has answered what
    // it was sent before this subscription, nothing that comes from it is meant for this one.
    private readonly Dictionary<PeerLink, long> _since = since;

    private readonly Lock _gate = new();
    private readonly Queue<(BackplaneMessage Message, int Bytes)> _waiting = new();
    private readonly AsyncLocal<bool> _isInside = new();
    private LocalSubscription[] _subscriptions = [];
    private long _waitingBytes;
    private bool _isRunning;
    private bool _isDropping;

    public string Name { get; } = name;

    public bool IsUnused => _subscriptions.Length == 0;

    /// <summary>Whether the caller is, or was started by, a handler of this topic.</summary>
    public bool IsInside => _isInside.Value;

    public void Add(LocalSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = [.. _subscriptions, subscription];
        }
    }

    public void Remove(LocalSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = [.. _subscriptions.Where(other => other != subscription)];
        }
    }

    /// <summary>Whether what comes by a link now is for this subscription. To be called by what receives from the link.</summary>
    public bool Takes(PeerLink link)
    {
        lock (_gate)
        {
            if (_since.TryGetValue(link, out var number))
            {
                if (link.Answered < number)
                {
                    return false;
                }

                _since.Remove(link);
            }

            return true;
        }
    }

    /// <summary>Hands a message to the handlers some time.</summary>
    public void Enqueue(BackplaneMessage message, int bytes)
    {
        var isFirstDropped = false;
        lock (_gate)
        {
            if (_waitingBytes + bytes > maxBytes && _waiting.Count > 0)
            {
                isFirstDropped = !_isDropping;
                _isDropping = true;
            }
            else
            {
                _waiting.Enqueue((message, bytes));
                _waitingBytes += bytes;
                if (_isRunning)
                {
                    return;
                }

                _isRunning = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
        }

        metrics.Dropped();
        if (isFirstDropped)
        {
            log.TopicTooSlow(Name, maxBytes);
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        _isInside.Value = true;
        while (TryTake(out var message, out var subscriptions))
        {
            foreach (var subscription in subscriptions)
            {
                await HandleAsync(subscription, message);
            }
        }
    }

    private bool TryTake([NotNullWhen(true)] out BackplaneMessage? message, out LocalSubscription[] subscriptions)
    {
        lock (_gate)
        {
            subscriptions = _subscriptions;
            if (_waiting.TryDequeue(out var next))
            {
                _waitingBytes -= next.Bytes;
                message = next.Message;
                return true;
            }

            message = null;
            _isRunning = false;
            _isDropping = false;
            return false;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A handler that fails must not end the topic.")]
    private async ValueTask HandleAsync(LocalSubscription subscription, BackplaneMessage message)
    {
        if (!subscription.TryBegin())
        {
            return;
        }

        try
        {
            await subscription.Handler(message);
        }
        catch (Exception exception)
        {
            log.HandlerFailed(Name, exception);
        }
        finally
        {
            subscription.Finish();
        }
    }
}
