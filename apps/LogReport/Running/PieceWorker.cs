using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Formats;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Running;

/// <summary>Reads items into one report. One thread uses a worker.</summary>
internal sealed class PieceWorker(ReportSettings settings)
{
    private readonly PieceReader _reader = new();
    private readonly Dictionary<LogFormat, LineScanner> _scanners = [];

    public PartialReport Report { get; } = new();

    /// <summary>Reads an item and notes how many lines it had.</summary>
    /// <param name="item">The item.</param>
    /// <param name="onRead">Is told how many bytes of the file have been read.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="SourceException">The item could not be read to its end.</exception>
    public void Do(WorkItem item, Action<long> onRead, CancellationToken cancellationToken)
    {
        var format = item.Source.Format;
        if (!_scanners.TryGetValue(format, out var scanner))
        {
            _scanners[format] = scanner = LineScanner.Create(format, settings, Report);
        }

        var before = Report.Lines;
        try
        {
            if (item is FilePiece piece)
            {
                _reader.Read(piece, scanner, onRead, cancellationToken);
            }
            else if (item is StreamChunk chunk)
            {
                scanner.Begin(chunk.Source.Index, chunk.Index);
                scanner.Scan(chunk.Buffer.AsSpan(0, chunk.Length), chunk.Offset);
            }
        }
        finally
        {
            item.Source.Lines.Set(item.Index, Report.Lines - before);
        }
    }
}
