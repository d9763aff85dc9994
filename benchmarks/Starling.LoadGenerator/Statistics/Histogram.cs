using System.Numerics;

namespace Starling.LoadGenerator.Statistics;

/// <summary>Counts of durations in buckets of at most 1.6% width; one writer, merged after the writer has ended.</summary>
internal sealed class Histogram
{
    // 64 buckets per power of two, and one bucket per nanosecond below 64.
    private const int SubBits = 6;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits + 1) * SubBuckets];
    private long _max;

    public long Count { get; private set; }

    public void Record(long nanoseconds)
    {
        var value = Math.Max(nanoseconds, 0);
        _counts[Index(value)]++;
        _max = Math.Max(_max, value);
        Count++;
    }

    public void Add(Histogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        _max = Math.Max(_max, other._max);
        Count += other.Count;
    }

    /// <summary>The upper bound, in milliseconds, of the bucket that holds the given share (0 to 1) of all values; 0 when empty.</summary>
    public double Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        long seen = 0;
        for (var i = 0; i < _counts.Length && Count > 0; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Min(Upper(i), _max) / 1e6;
            }
        }

        return 0;
    }

    public double Max => _max / 1e6;

    private static int Index(long value)
    {
        if (value < SubBuckets)
        {
            return (int)value;
        }

        var shift = BitOperations.Log2((ulong)value) - SubBits;
        return ((shift + 1) << SubBits) + (int)((value >> shift) - SubBuckets);
    }

    private static long Upper(int index)
    {
        if (index < SubBuckets)
        {
            return index;
        }

        var shift = (index >> SubBits) - 1;
        return (((long)(index & (SubBuckets - 1)) + SubBuckets + 1) << shift) - 1;
    }
}
