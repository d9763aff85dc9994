using System.Diagnostics.Metrics;
using Starling.Documents.Storage;

namespace Starling.Documents.Diagnostics;

/// <summary>Counters of the document engine, published under the meter <see cref="MeterName"/>. Thread-safe.</summary>
public sealed class DocumentMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Starling.Documents";

    private readonly Meter _meter;
    private readonly Counter<long> _operations;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _refusals;
    private readonly Histogram<double> _commitTime;
    private readonly UpDownCounter<long> _clients;
    private readonly Counter<long> _requests;

    /// <summary>Creates the instruments.</summary>
    /// <param name="factory">The application's meter factory.</param>
    public DocumentMetrics(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _meter = factory.Create(MeterName);
        _operations = _meter.CreateCounter<long>("starling.documents.operations", "{operation}", "Operations committed.");
        _commits = _meter.CreateCounter<long>("starling.documents.commits", "{commit}", "Commits tried, by result.");
        _refusals = _meter.CreateCounter<long>("starling.documents.refusals", "{operation}", "Operations refused, by code.");
        _commitTime = _meter.CreateHistogram<double>("starling.documents.commit.duration", "s", "How long the store took for a commit.");
        _clients = _meter.CreateUpDownCounter<long>("starling.documents.clients", "{client}", "Connected clients.");
        _requests = _meter.CreateCounter<long>("starling.documents.requests", "{request}", "Requests of clients, by action.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void CountActive(Func<int> count) =>
        _meter.CreateObservableGauge("starling.documents.active", count, "{document}", "Documents in memory.");

    internal void CountBytes(Func<long> count) =>
        _meter.CreateObservableGauge("starling.documents.active.bytes", count, "By", "Bytes of the documents in memory.");

    internal void Committed(CommitResult result, int operations, TimeSpan elapsed)
    {
        _commits.Add(1, new KeyValuePair<string, object?>("result", result.ToString()));
        _commitTime.Record(elapsed.TotalSeconds);
        if (result == CommitResult.Committed)
        {
            _operations.Add(operations);
        }
    }

    internal void Refused(string code) => _refusals.Add(1, new KeyValuePair<string, object?>("code", code));

    internal void ClientConnected() => _clients.Add(1);

    internal void ClientDisconnected() => _clients.Add(-1);

    internal void Requested(string action) => _requests.Add(1, new KeyValuePair<string, object?>("action", action));
}
