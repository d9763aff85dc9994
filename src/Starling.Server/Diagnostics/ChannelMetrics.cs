using System.Diagnostics.Metrics;

namespace Starling.Server.Diagnostics;

/// <summary>Counters of channels, published under the meter <see cref="ServerMetrics.MeterName"/>. Thread-safe.</summary>
public sealed class ChannelMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _published;
    private readonly Counter<long> _publishedBytes;
    private readonly Counter<long> _deliveries;
    private readonly UpDownCounter<long> _subscribers;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _refusals;

    /// <summary>Creates the instruments.</summary>
    /// <param name="factory">The application's meter factory.</param>
    public ChannelMetrics(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _meter = factory.Create(ServerMetrics.MeterName);
        _published = _meter.CreateCounter<long>("starling.channels.publications", "{publication}", "Updates published on this node.");
        _publishedBytes = _meter.CreateCounter<long>("starling.channels.publications.size", "By", "Bytes of their content.");
        _deliveries = _meter.CreateCounter<long>("starling.channels.deliveries", "{publication}", "Publications handed to live subscribers.");
        _subscribers = _meter.CreateUpDownCounter<long>("starling.channels.subscribers", "{subscriber}", "Subscribers, by transport.");
        _dropped = _meter.CreateCounter<long>("starling.channels.dropped", "{subscriber}", "Subscribers cut off because they did not read, by transport.");
        _refusals = _meter.CreateCounter<long>("starling.channels.refusals", "{request}", "Requests refused, by status.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Published(int bytes)
    {
        _published.Add(1);
        _publishedBytes.Add(bytes);
    }

    internal void Delivered(int count)
    {
        if (count > 0)
        {
            _deliveries.Add(count);
        }
    }

    internal void SubscriberJoined(string transport) => _subscribers.Add(1, new KeyValuePair<string, object?>("transport", transport));

    internal void SubscriberLeft(string transport) => _subscribers.Add(-1, new KeyValuePair<string, object?>("transport", transport));

    internal void SubscriberDropped(string transport) => _dropped.Add(1, new KeyValuePair<string, object?>("transport", transport));

    internal void Refused(int status) => _refusals.Add(1, new KeyValuePair<string, object?>("status", status));
}
