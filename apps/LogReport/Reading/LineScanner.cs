using System.Runtime.CompilerServices;
using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Formats;

namespace Starling.Apps.LogReport.Reading;

/// <summary>Takes lines apart and counts them into a report. One thread uses a scanner.</summary>
internal abstract class LineScanner
{
    /// <summary>Longer lines are counted as bad; no more of them is ever held.</summary>
    public const int MaxLineBytes = 64 * 1024;

    /// <summary>The piece that the next lines belong to.</summary>
    public abstract void Begin(int source, int piece);

    /// <summary>Counts lines.</summary>
    /// <param name="data">Whole lines; the last one may lack its end.</param>
    /// <param name="offset">Where they begin in the file.</param>
    public abstract void Scan(ReadOnlySpan<byte> data, long offset);

    /// <summary>A scanner for one format.</summary>
    /// <exception cref="PatternException">The settings have a pattern that cannot be used.</exception>
    public static LineScanner Create(LogFormat format, ReportSettings settings, PartialReport report) => format switch
    {
        LogFormat.Json => new Of<JsonLineParser>(new JsonLineParser(settings.Unit), settings, report),
        LogFormat.Pattern => new Of<PatternParser>(new PatternParser(settings.Pattern!, settings.Unit), settings, report),
        _ => new Of<AccessLineParser>(new AccessLineParser(format, settings.Unit), settings, report),
    };

    private sealed class Of<TParser>(TParser parser, ReportSettings settings, PartialReport report) : LineScanner
        where TParser : struct, ILineParser
    {
        private readonly long _from = settings.From ?? long.MinValue;
        private readonly long _to = settings.To ?? long.MaxValue;
        private readonly bool _isFiltered = settings.From is not null || settings.To is not null;
        private TParser _parser = parser;
        private int _source;
        private int _piece;
        private long _linesBefore;

        public override void Begin(int source, int piece)
        {
            _source = source;
            _piece = piece;
            _linesBefore = report.Lines;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Scan(ReadOnlySpan<byte> data, long offset)
        {
            var record = default(LogRecord);
            var parser = _parser;
            while (!data.IsEmpty)
            {
                if (parser.TryReadFirst(data, ref record, out var used))
                {
                    Count(record);
                }
                else
                {
                    var end = data.IndexOf((byte)'\n');
                    used = end < 0 ? data.Length : end + 1;
                    Parse(ref parser, end < 0 ? data : data[..end], ref record, offset);
                }

                report.Lines++;
                offset += used;
                data = data[used..];
            }

            _parser = parser;
        }

        private void Parse(ref TParser parser, ReadOnlySpan<byte> line, ref LogRecord record, long offset)
        {
            if (!line.IsEmpty && line[^1] == '\r')
            {
                line = line[..^1];
            }

            if (line.Length <= MaxLineBytes && parser.TryParse(line, ref record))
            {
                Count(record);
            }
            else
            {
                report.Bad.Add(_source, _piece, report.Lines - _linesBefore, offset, line, line.Length > MaxLineBytes);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Count(in LogRecord record)
        {
            // A line without a time lies in no span of time.
            if (_isFiltered && (record.Time == LogRecord.None || record.Time < _from || record.Time >= _to))
            {
                report.Outside++;
            }
            else
            {
                report.Add(record);
            }
        }
    }
}
