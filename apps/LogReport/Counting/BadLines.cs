namespace Starling.Apps.LogReport.Counting;

/// <summary>Lines that do not match: all are counted, the first few are kept.</summary>
internal sealed class BadLines
{
    /// <summary>How many are kept.</summary>
    public const int MaxKept = 5;

    /// <summary>Bytes of a line that are kept.</summary>
    public const int MaxText = 200;

    private readonly List<BadLine> _first = [];

    public long Count { get; private set; }

    /// <summary>The first ones, in the order of files and lines.</summary>
    public IReadOnlyList<BadLine> First => _first;

    public void Add(int source, int piece, long line, long offset, ReadOnlySpan<byte> text, bool isTooLong)
    {
        Count++;
        if (_first.Count < MaxKept || (source, offset).CompareTo((_first[^1].Source, _first[^1].Offset)) < 0)
        {
            Keep(new BadLine(source, piece, line, offset, text[..Math.Min(text.Length, MaxText)].ToArray(), isTooLong));
        }
    }

    public void Merge(BadLines other)
    {
        Count += other.Count;
        foreach (var line in other._first)
        {
            Keep(line);
        }
    }

    /// <summary>Changes what is said of where the lines are.</summary>
    public void Relocate(Func<BadLine, BadLine> relocate)
    {
        for (var i = 0; i < _first.Count; i++)
        {
            _first[i] = relocate(_first[i]);
        }
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Count);
        writer.Write(_first.Count);
        foreach (var line in _first)
        {
            writer.Write(line.Source);
            writer.Write(line.Piece);
            writer.Write(line.Line);
            writer.Write(line.Offset);
            writer.Write(line.Text.Length);
            writer.Write(line.Text);
            writer.Write(line.IsTooLong);
        }
    }

    public static BadLines Read(BinaryReader reader)
    {
        var result = new BadLines { Count = reader.ReadInt64() };
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            result._first.Add(new BadLine(
                reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadBytes(reader.ReadInt32()), reader.ReadBoolean()));
        }

        return result;
    }

    private void Keep(BadLine line)
    {
        var at = _first.FindIndex(kept => (kept.Source, kept.Offset).CompareTo((line.Source, line.Offset)) > 0);
        _first.Insert(at < 0 ? _first.Count : at, line);
        if (_first.Count > MaxKept)
        {
            _first.RemoveAt(MaxKept);
        }
    }
}
