namespace Starling.Apps.LogReport.Reading;

/// <summary>Lines of each piece of a file, from which line numbers follow when all are known. Thread-safe.</summary>
internal sealed class LineCounts
{
    private readonly Lock _gate = new();
    private readonly List<long> _lines = [];

    public void Set(int piece, long lines)
    {
        lock (_gate)
        {
            while (_lines.Count <= piece)
            {
                _lines.Add(0);
            }

            _lines[piece] = lines;
        }
    }

    /// <summary>Lines of the file before this piece.</summary>
    public long Before(int piece)
    {
        lock (_gate)
        {
            return _lines.Take(piece).Sum();
        }
    }
}
