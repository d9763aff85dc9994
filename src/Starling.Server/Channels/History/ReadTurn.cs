using System.Diagnostics.CodeAnalysis;

namespace Starling.Server.Channels.History;

/// <summary>One turn of a read: what is copied from the history under its lock, to be compared with the reader's wishes outside of it.</summary>
internal sealed class ReadTurn
{
    private const int MaxCandidates = 64;
    private const int MaxVisited = 4_096;
    private const int TopicsBetweenYields = 64;

    private readonly List<(PublicationList List, int Index)> _places = [];

    /// <summary>Publications that the reader may want, in order.</summary>
    public List<Publication> Candidates { get; } = [];

    /// <summary>Topics of which something is lost that the reader has not seen, if it wants them.</summary>
    public List<string> Doubtful { get; } = [];

    /// <summary>Where the reader goes on if it wants one of them.</summary>
    public Cursor? GapCursor { get; set; }

    /// <summary>Where the reader goes on after a gap; null without one.</summary>
    public Cursor? Gap { get; set; }

    /// <summary>The place and the position of a reader that has looked at all candidates.</summary>
    public long ScannedThrough { get; set; }

    public Cursor Cursor { get; set; } = Cursor.Start;

    /// <summary>The reader's position before the turn, without what says nothing here.</summary>
    public Cursor From { get; set; } = Cursor.Start;

    /// <summary>Whether nothing comes after the candidates.</summary>
    public bool IsLast { get; set; }

    public void Clear()
    {
        Candidates.Clear();
        Doubtful.Clear();
        (GapCursor, Gap, IsLast) = (null, null, false);
    }

    /// <summary>Whether the reader wants one of the topics of which something is lost.</summary>
    public async ValueTask<bool> FindsGapAsync(IHistoryReader reader, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Doubtful.Count; i++)
        {
            if (reader.WantsTopic(Doubtful[i]))
            {
                return true;
            }

            if (i % TopicsBetweenYields == TopicsBetweenYields - 1)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        return false;
    }

    /// <summary>
    /// Copies the next publications of several lists that the reader has not seen, in order and each once, and says how far the reader has
    /// come with them; where there are no more, that stays what it was set to. Under the history's lock.
    /// </summary>
    public void Fill(IHistoryReader reader, IReadOnlyList<PublicationList> lists)
    {
        var (end, endCursor) = (ScannedThrough, Cursor);
        _places.Clear();
        foreach (var list in lists)
        {
            _places.Add((list, list.IndexAfter(reader.ScannedThrough)));
        }

        // A merge of many lists costs more for each publication.
        for (var visited = 0; visited < MaxVisited && Candidates.Count < MaxCandidates; visited += _places.Count)
        {
            if (!TryNext(out var next))
            {
                (IsLast, ScannedThrough, Cursor) = (true, end, endCursor);
                return;
            }

            (ScannedThrough, Cursor) = (next.Sequence, next.Cursor);
            if (next.Retained > 0 && reader.IsNew(next))
            {
                Candidates.Add(next);
            }
        }
    }

    private bool TryNext([NotNullWhen(true)] out Publication? next)
    {
        next = null;
        foreach (var (list, index) in _places)
        {
            if (list.At(index) is { } candidate && (next is null || candidate.Sequence < next.Sequence))
            {
                next = candidate;
            }
        }

        for (var i = 0; next is not null && i < _places.Count; i++)
        {
            if (_places[i].List.At(_places[i].Index) == next)
            {
                _places[i] = (_places[i].List, _places[i].Index + 1);
            }
        }

        return next is not null;
    }
}
