using System.Numerics;
using System.Runtime.CompilerServices;

namespace Starling.Apps.LogReport.Counting;

/// <summary>
/// Counts latencies in classes that are 1/128 as wide as their lower bound: 36 KB, whatever is counted. A percentile is the upper bound of its class,
/// so it is never too small and at most 0.8% too large; below 256 µs it is exact.
/// </summary>
internal sealed class LatencyHistogram
{
    /// <summary>Values beyond are counted as this one: 2^40 - 1 µs, twelve days.</summary>
    public const long Largest = (1L << 40) - 1;

    /// <summary>By how much a percentile may be too large, as a part of it.</summary>
    public const double RelativeError = 1.0 / (1 << Precision);

    private const int Precision = 7;
    private readonly long[] _counts = new long[IndexOf(Largest) + 1];

    public long Count { get; private set; }

    /// <summary>Microseconds.</summary>
    public long Sum { get; private set; }

    /// <summary>Microseconds.</summary>
    public long Max { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long microseconds)
    {
        var value = Math.Min(microseconds, Largest);
        Count++;
        Sum += value;
        Max = Math.Max(Max, value);
        _counts[IndexOf(value)]++;
    }

    public void Merge(LatencyHistogram other)
    {
        Count += other.Count;
        Sum += other.Sum;
        Max = Math.Max(Max, other.Max);
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>The smallest latency that so many percent of the requests did not exceed, in microseconds.</summary>
    /// <param name="percent">Above 0 and at most 100.</param>
    public long Percentile(double percent)
    {
        var rank = Math.Clamp((long)Math.Ceiling(percent / 100 * Count), 1, Math.Max(Count, 1));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return Math.Min(UpperBound(i), Max);
            }
        }

        return Max;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Sum);
        writer.Write(Max);
        writer.Write(_counts.Count(count => count != 0));
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] != 0)
            {
                writer.Write(i);
                writer.Write(_counts[i]);
            }
        }
    }

    public static LatencyHistogram Read(BinaryReader reader)
    {
        var result = new LatencyHistogram { Sum = reader.ReadInt64(), Max = reader.ReadInt64() };
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var index = reader.ReadInt32();
            result.Count += result._counts[index] = reader.ReadInt64();
        }

        return result;
    }

    // Below 2^(Precision + 1) every value has a class of its own; above, each power of two has 2^Precision classes.
    private static int IndexOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - Precision);
        return (shift << Precision) + (int)(value >> shift);
    }

    private static long UpperBound(int index)
    {
        var shift = Math.Max(0, (index >> Precision) - 1);
        return ((((long)index - ((long)shift << Precision)) + 1) << shift) - 1;
    }
}
