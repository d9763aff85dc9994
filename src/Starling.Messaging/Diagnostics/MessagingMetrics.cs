using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Starling.Messaging.Diagnostics;

/// <summary>Counters of messaging, published under the meter <see cref="MeterName"/>. Thread-safe.</summary>
public sealed class MessagingMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Starling.Messaging";

    private readonly ConcurrentDictionary<IQueueOwner, byte> _owners = new();
    private readonly Meter _meter;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _alarms;
    private readonly Counter<long> _reconnects;

    /// <summary>Creates the instruments.</summary>
    /// <param name="factory">The application's meter factory; without one the meter is this object's own.</param>
    public MessagingMetrics(IMeterFactory? factory = null)
    {
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _calls = _meter.CreateCounter<long>("starling.messaging.calls", "{call}", "Calls that ended, by outcome.");
        _requests = _meter.CreateCounter<long>("starling.messaging.requests", "{request}", "Requests and notifications handled.");
        _refused = _meter.CreateCounter<long>("starling.messaging.refused", "{request}", "Requests and notifications refused because the queue was full.");
        _alarms = _meter.CreateCounter<long>("starling.messaging.queue.alarms", "{alarm}", "Queues that passed their threshold, by queue.");
        _reconnects = _meter.CreateCounter<long>("starling.messaging.reconnects", "{connection}", "Connections made anew after a loss.");
        _meter.CreateObservableGauge("starling.messaging.connections", () => _owners.Count, "{connection}", "Open connections.");
        _meter.CreateObservableGauge("starling.messaging.queue.length", Lengths, "{item}", "What waits, by queue: requests and calls in pieces, send in bytes.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Add(IQueueOwner owner) => _owners[owner] = 0;

    internal void Remove(IQueueOwner owner) => _owners.TryRemove(owner, out _);

    internal void CallEnded(string outcome)
    {
        if (_calls.Enabled)
        {
            _calls.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    internal void RequestHandled() => _requests.Add(1);

    internal void Refused() => _refused.Add(1);

    internal void AlarmRaised(string queue) => _alarms.Add(1, new KeyValuePair<string, object?>("queue", queue));

    internal void Reconnected() => _reconnects.Add(1);

    private IEnumerable<Measurement<long>> Lengths()
    {
        long requests = 0;
        long calls = 0;
        long send = 0;
        foreach (var owner in _owners.Keys)
        {
            requests += owner.QueuedRequests;
            calls += owner.PendingCalls;
            send += owner.QueuedBytes;
        }

        yield return new(requests, new KeyValuePair<string, object?>("queue", "requests"));
        yield return new(calls, new KeyValuePair<string, object?>("queue", "calls"));
        yield return new(send, new KeyValuePair<string, object?>("queue", "send"));
    }
}
