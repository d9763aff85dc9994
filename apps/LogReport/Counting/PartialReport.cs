using System.Runtime.CompilerServices;
using Starling.Apps.LogReport.Formats;

namespace Starling.Apps.LogReport.Counting;

/// <summary>
/// What is known of some of the lines. Two that know different lines merge into one that knows both, in any order. One thread uses a report.
/// </summary>
/// <param name="topCapacity">Keys that each of the tables of top paths and clients holds.</param>
internal sealed class PartialReport(int topCapacity = TopTable.DefaultCapacity)
{
    private const int Version = 1;
    private readonly long[] _statuses = new long[1000];

    /// <summary>All lines: hits, those outside of the wanted time, and those that do not match.</summary>
    public long Lines { get; set; }

    public long Hits { get; private set; }

    /// <summary>Lines that match and lie outside of the wanted time.</summary>
    public long Outside { get; set; }

    public long Bytes { get; private set; }

    /// <summary>Hits by status, 0 for none.</summary>
    public ReadOnlySpan<long> Statuses => _statuses;

    public LatencyHistogram Latencies { get; private set; } = new();

    public TopTable Paths { get; private set; } = new(topCapacity);

    public TopTable Clients { get; private set; } = new(topCapacity);

    public MinuteChart Minutes { get; private set; } = new();

    public BadLines Bad { get; private set; } = new();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in LogRecord record)
    {
        Hits++;
        Bytes += record.Bytes;
        _statuses[record.Status]++;
        if (record.Latency != LogRecord.None)
        {
            Latencies.Add(record.Latency);
        }

        if (record.Time != LogRecord.None)
        {
            Minutes.Add(record.Time);
        }

        if (!record.Path.IsEmpty)
        {
            Paths.Add(record.Path);
        }

        if (!record.Host.IsEmpty)
        {
            Clients.Add(record.Host);
        }
    }

    /// <summary>Adds what another report knows; that one is not changed.</summary>
    public void Merge(PartialReport other)
    {
        Lines += other.Lines;
        Hits += other.Hits;
        Outside += other.Outside;
        Bytes += other.Bytes;
        for (var i = 0; i < _statuses.Length; i++)
        {
            _statuses[i] += other._statuses[i];
        }

        Latencies.Merge(other.Latencies);
        Paths.Merge(other.Paths);
        Clients.Merge(other.Clients);
        Minutes.Merge(other.Minutes);
        Bad.Merge(other.Bad);
    }

    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(Version);
        writer.Write(Lines);
        writer.Write(Hits);
        writer.Write(Outside);
        writer.Write(Bytes);
        foreach (var count in _statuses)
        {
            writer.Write(count);
        }

        Latencies.Write(writer);
        Paths.Write(writer);
        Clients.Write(writer);
        Minutes.Write(writer);
        Bad.Write(writer);
    }

    /// <exception cref="InvalidDataException">The stream holds no report of this version.</exception>
    /// <exception cref="EndOfStreamException">The report is not whole.</exception>
    public static PartialReport Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        if (reader.ReadInt32() != Version)
        {
            throw new InvalidDataException("A worker of another version of Starling has answered.");
        }

        var result = new PartialReport
        {
            Lines = reader.ReadInt64(),
            Hits = reader.ReadInt64(),
            Outside = reader.ReadInt64(),
            Bytes = reader.ReadInt64(),
        };
        for (var i = 0; i < result._statuses.Length; i++)
        {
            result._statuses[i] = reader.ReadInt64();
        }

        result.Latencies = LatencyHistogram.Read(reader);
        result.Paths = TopTable.Read(reader);
        result.Clients = TopTable.Read(reader);
        result.Minutes = MinuteChart.Read(reader);
        result.Bad = BadLines.Read(reader);
        return result;
    }
}
