using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Starling.Apps.LogReport.Formats;

/// <summary>
/// Reads nearly every line of an access log in one pass, the search for its end included: one without a user's name, with nothing escaped, with numbers of
/// few digits, and not at the end of the data, because whole vectors are loaded. It never says that a line does not match: what it does not read is
/// <see cref="AccessLineParser"/>'s to judge, and what it reads it reads as that would.
/// </summary>
internal static class PlainAccessLine
{
    // Nothing that is read without a search is further away than a vector.
    private static int Reach => Vector256<byte>.Count;

    /// <param name="data">Lines.</param>
    /// <param name="format">Common, combined or timed.</param>
    /// <param name="unit">Unit of the request's time.</param>
    /// <param name="time">Reads the time.</param>
    /// <param name="record">Set wholly, if the first line was read.</param>
    /// <param name="length">Bytes of the line with its end.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRead(ReadOnlySpan<byte> data, LogFormat format, TimeUnit unit, ref LineTime time, ref LogRecord record, out int length)
    {
        length = 0;
        ref var start = ref MemoryMarshal.GetReference(data);
        var last = data.Length - Reach;
        var at = FindBlank(ref start, 0, last);
        if (at <= 0 || at + 6 + LineTime.Length > last || !data[at..].StartsWith(" - - ["u8))
        {
            return false;
        }

        record.Host = data[..at];
        at += 6;
        if (!data[(at + LineTime.Length)..].StartsWith("] \""u8) || !time.TryParse(data[at..], out record.Time))
        {
            return false;
        }

        at = FindBlank(ref start, at + LineTime.Length + 3, last) + 1;
        var pathEnd = FindPathEnd(ref start, at, last);
        if (at == 0 || pathEnd < 0)
        {
            return false;
        }

        record.Path = data[at..pathEnd];
        at = SkipQuoted(ref start, pathEnd, last);
        if (at < 0 || !TryReadStatusAndBytes(ref start, ref at, ref record))
        {
            return false;
        }

        if (format != LogFormat.Common && Is(ref start, at, " \""u8))
        {
            at = SkipQuoted(ref start, at + 2, last);
            if (at < 0 || !Is(ref start, at, " \""u8))
            {
                return false;
            }

            at = SkipQuoted(ref start, at + 2, last);
            if (at < 0)
            {
                return false;
            }
        }
        else if (format == LogFormat.Combined)
        {
            return false;
        }

        record.Latency = LogRecord.None;
        if (format == LogFormat.Timed)
        {
            at = ReadLatency(data, at, unit, ref record);
        }
        else if (format == LogFormat.Combined && ByteAt(ref start, at) == ' ')
        {
            at += data[at..].IndexOf((byte)'\n');
        }

        length = EndOfLine(data, at);
        return length is > 0 and <= Reading.LineScanner.MaxLineBytes;
    }

    /// <returns>Index of the first blank, or -1 if something that ends a line or a text comes before it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FindBlank(ref byte start, int at, int last)
    {
        for (; at <= last; at += Reach)
        {
            var block = Vector256.LoadUnsafe(ref start, (nuint)at);
            var hits = Vector256.LessThanOrEqual(block, Vector256.Create((byte)'"')).ExtractMostSignificantBits();
            if (hits != 0)
            {
                at += BitOperations.TrailingZeroCount(hits);
                return ByteAt(ref start, at) == ' ' ? at : -1;
            }
        }

        return -1;
    }

    /// <returns>Index of the blank, the question mark or the quote that ends a path, or -1 if there is something unusual before it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FindPathEnd(ref byte start, int at, int last)
    {
        for (; at <= last; at += Reach)
        {
            var block = Vector256.LoadUnsafe(ref start, (nuint)at);
            var hits = (Vector256.LessThanOrEqual(block, Vector256.Create((byte)'"')) | Vector256.Equals(block, Vector256.Create((byte)'?')))
                .ExtractMostSignificantBits();
            if (hits != 0)
            {
                at += BitOperations.TrailingZeroCount(hits);
                return ByteAt(ref start, at) is (byte)' ' or (byte)'?' or (byte)'"' ? at : -1;
            }
        }

        return -1;
    }

    /// <returns>Index behind the quote that ends a text, or -1 if the line ends before it or it may be part of the text.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipQuoted(ref byte start, int at, int last)
    {
        for (; at <= last; at += Reach)
        {
            var block = Vector256.LoadUnsafe(ref start, (nuint)at);
            var hits = (Vector256.Equals(block, Vector256.Create((byte)'"')) | Vector256.Equals(block, Vector256.Create((byte)'\n'))).ExtractMostSignificantBits();
            if (hits != 0)
            {
                at += BitOperations.TrailingZeroCount(hits);
                return at < last && ByteAt(ref start, at) == '"' && ByteAt(ref start, at - 1) != '\\' ? at + 1 : -1;
            }
        }

        return -1;
    }

    // Reads ` 200 1234`.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadStatusAndBytes(ref byte start, ref int at, ref LogRecord record)
    {
        var first = (uint)(ByteAt(ref start, at + 1) - '0');
        var second = (uint)(ByteAt(ref start, at + 2) - '0');
        var third = (uint)(ByteAt(ref start, at + 3) - '0');
        var bytes = ShortNumber.Read(ref Unsafe.Add(ref start, at + 5), out var digits);
        if (digits == 0 && ByteAt(ref start, at + 5) == '-')
        {
            bytes = 0;
            digits = 1;
        }

        record.Status = (int)((first * 100) + (second * 10) + third);
        record.Bytes = bytes;
        at += 5 + digits;
        return digits is > 0 and <= ShortNumber.MaxDigits && first - 1 <= 8 && second <= 9 && third <= 9
            && ByteAt(ref start, at - digits - 5) == ' ' && ByteAt(ref start, at - digits - 1) == ' ';
    }

    /// <returns>Index behind the time, or -1 if there is none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadLatency(ReadOnlySpan<byte> data, int at, TimeUnit unit, ref LogRecord record)
    {
        ref var start = ref MemoryMarshal.GetReference(data);
        if (at + Reach > data.Length || ByteAt(ref start, at) != ' ')
        {
            return -1;
        }

        var whole = ShortNumber.Read(ref Unsafe.Add(ref start, at + 1), out var digits);
        var end = at + 1 + digits;
        if (digits is > 0 and <= ShortNumber.MaxDigits && ByteAt(ref start, end) == '.')
        {
            var fraction = ShortNumber.Read(ref Unsafe.Add(ref start, end + 1), out digits);
            end += 1 + digits;
            if (digits is > 0 and <= Durations.FractionDigits && ByteAt(ref start, end) <= '\r')
            {
                record.Latency = Durations.ToMicroseconds(whole, Durations.Millionths(fraction, digits), hasPoint: true, unit);
                return end;
            }
        }

        // There may be other fields before it, or it is written in another way.
        var rest = data[at..];
        rest = rest[..Math.Max(0, rest.IndexOf((byte)'\n'))];
        if (rest.EndsWith("\r"u8))
        {
            rest = rest[..^1];
        }

        return rest.LastIndexOf((byte)' ') is >= 0 and var blank && Durations.TryParse(rest[(blank + 1)..], unit, out record.Latency) ? at + rest.Length : -1;
    }

    /// <returns>Index behind the end of the line that is expected at an index, or 0 if it is not there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int EndOfLine(ReadOnlySpan<byte> data, int at) =>
        (uint)at >= (uint)data.Length ? 0
        : data[at] == '\n' ? at + 1
        : data[at] == '\r' && at + 1 < data.Length && data[at + 1] == '\n' ? at + 2
        : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Is(ref byte start, int at, ReadOnlySpan<byte> text) => ByteAt(ref start, at) == text[0] && ByteAt(ref start, at + 1) == text[1];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte ByteAt(ref byte start, int at) => Unsafe.Add(ref start, at);
}
