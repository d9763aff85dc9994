using System.Diagnostics.Metrics;

namespace Starling.Cluster.Diagnostics;

/// <summary>Counters of a local cluster, published under the meter <see cref="MeterName"/>. Thread-safe.</summary>
internal sealed class ClusterMetrics : IDisposable
{
    public const string MeterName = "Starling.Cluster";

    private readonly Meter _meter;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _sentBytes;
    private readonly Counter<long> _received;
    private readonly Counter<long> _receivedBytes;
    private readonly UpDownCounter<long> _peers;
    private readonly Counter<long> _cut;
    private readonly Counter<long> _dropped;

    public ClusterMetrics(IMeterFactory? factory)
    {
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _sent = _meter.CreateCounter<long>("starling.cluster.messages.sent", "{message}", "Messages to other nodes, each counted once for each of them.");
        _sentBytes = _meter.CreateCounter<long>("starling.cluster.messages.sent.size", "By", "Their bytes.");
        _received = _meter.CreateCounter<long>("starling.cluster.messages.received", "{message}", "Messages from other nodes.");
        _receivedBytes = _meter.CreateCounter<long>("starling.cluster.messages.received.size", "By", "Their bytes.");
        _peers = _meter.CreateUpDownCounter<long>("starling.cluster.peers", "{node}", "Other nodes that this one is linked with.");
        _cut = _meter.CreateCounter<long>("starling.cluster.peers.cut", "{node}", "Links that were cut because the other node did not read.");
        _dropped = _meter.CreateCounter<long>("starling.cluster.messages.dropped", "{message}", "Messages that could not be kept: the handlers were too slow, or the other node.");
    }

    public void Sent(int peers, long bytes)
    {
        _sent.Add(peers);
        _sentBytes.Add(bytes * peers);
    }

    public void Received(int bytes)
    {
        _received.Add(1);
        _receivedBytes.Add(bytes);
    }

    public void PeerJoined() => _peers.Add(1);

    public void PeerLeft() => _peers.Add(-1);

    public void PeerCut()
    {
        _cut.Add(1);
        _dropped.Add(1);
    }

    public void Dropped() => _dropped.Add(1);

    public void Dispose() => _meter.Dispose();
}
