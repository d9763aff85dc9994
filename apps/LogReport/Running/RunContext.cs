using System.Collections.Concurrent;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Running;

/// <summary>What a run is about, and how far it is. Thread-safe.</summary>
internal sealed class RunContext(IReadOnlyList<LogSource> sources, ReportSettings settings, int workers)
{
    private readonly ConcurrentDictionary<int, SourceFailure> _failures = new();
    private long _bytesRead;

    public IReadOnlyList<LogSource> Sources { get; } = sources;

    public ReportSettings Settings { get; } = settings;

    public int Workers { get; } = workers;

    /// <summary>Bytes of the files, 0 where it is not known of all.</summary>
    public long TotalBytes { get; } = sources.All(source => source.Length > 0) ? sources.Sum(source => source.Length) : 0;

    public long BytesRead => Volatile.Read(ref _bytesRead);

    /// <summary>Files that were not read to their end, in their order.</summary>
    public IEnumerable<SourceFailure> Failures => _failures.OrderBy(failure => failure.Key).Select(failure => failure.Value);

    public void Read(long bytes) => Interlocked.Add(ref _bytesRead, bytes);

    /// <summary>Notes why a file is not read to its end; the first reason stands.</summary>
    public void Fail(LogSource source, Exception exception) =>
        _failures.TryAdd(source.Index, new SourceFailure(source.Name, SourceException.From(exception).Message));
}
