using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Starling.Apps.LogReport.Counting;

/// <summary>
/// Hits by minute. When there are more minutes than it holds, two become one, and so on: the step depends only on the times, not on their order.
/// </summary>
internal sealed class MinuteChart
{
    /// <summary>Steps that a chart holds: 45 days of minutes.</summary>
    public const int DefaultCapacity = 1 << 16;

    private readonly int _capacity;
    private Dictionary<long, long> _hits = [];
    private int _shift;

    // The last step is counted apart: logs are nearly in the order of time.
    private long _last = long.MinValue;
    private long _lastHits;

    public MinuteChart(int capacity = DefaultCapacity)
    {
        // Times before and after 1970 never fall into one step.
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        _capacity = capacity;
    }

    /// <summary>Minutes of a step: a power of two, 1 unless the log is longer than the chart.</summary>
    public int StepMinutes => 1 << _shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long seconds)
    {
        var step = MinuteOf(seconds) >> _shift;
        if (step == _last)
        {
            _lastHits++;
            return;
        }

        Flush();
        _last = MinuteOf(seconds) >> _shift;
        _lastHits = 1;
    }

    public void Merge(MinuteChart other)
    {
        Flush();
        Widen(other._shift);
        foreach (var (seconds, hits) in other.Steps())
        {
            Count(MinuteOf(seconds) >> _shift, hits);
        }
    }

    /// <summary>Start of each step that has hits, in seconds since 1970, with its hits, in order.</summary>
    public IReadOnlyList<KeyValuePair<long, long>> Steps()
    {
        Flush();
        return [.. _hits.OrderBy(step => step.Key).Select(step => KeyValuePair.Create((step.Key << _shift) * 60, step.Value))];
    }

    public void Write(BinaryWriter writer)
    {
        var steps = Steps();
        writer.Write(_shift);
        writer.Write(steps.Count);
        foreach (var (seconds, hits) in steps)
        {
            writer.Write(seconds);
            writer.Write(hits);
        }
    }

    public static MinuteChart Read(BinaryReader reader)
    {
        var result = new MinuteChart { _shift = reader.ReadInt32() };
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var seconds = reader.ReadInt64();
            result._hits[MinuteOf(seconds) >> result._shift] = reader.ReadInt64();
        }

        return result;
    }

    private static long MinuteOf(long seconds) => seconds >= 0 ? seconds / 60 : (seconds - 59) / 60;

    private void Flush()
    {
        if (_lastHits > 0)
        {
            Count(_last, _lastHits);
        }

        _last = long.MinValue;
        _lastHits = 0;
    }

    private void Count(long step, long hits)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_hits, step, out _) += hits;
        if (_hits.Count > _capacity)
        {
            Widen(_shift + 1);
        }
    }

    private void Widen(int shift)
    {
        while (_shift < shift || _hits.Count > _capacity)
        {
            var wider = new Dictionary<long, long>();
            foreach (var (step, hits) in _hits)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(wider, step >> 1, out _) += hits;
            }

            _hits = wider;
            _shift++;
        }
    }
}
