namespace Starling.LoadGenerator.Documents;

/// <summary>What a client knows of itself and its documents.</summary>
internal sealed class Writer(int[] documents)
{
    /// <summary>The id that the server gave it, as it stands in an acknowledgement; empty until then.</summary>
    public byte[] Source { get; set; } = [];

    /// <summary>The numbers of its documents.</summary>
    public int[] Documents { get; } = documents;

    /// <summary>The newest version of each that it knows.</summary>
    public long[] Versions { get; } = new long[documents.Length];

    /// <summary>When the operation under way was sent, by document; 0 when none is.</summary>
    public long[] Sent { get; } = new long[documents.Length];

    /// <summary>Whether its last operation on a document was an insertion, which the next one takes out again.</summary>
    public bool[] Inserted { get; } = new bool[documents.Length];

    /// <summary>The number of its last operation.</summary>
    public long Sequence { get; set; }

    /// <summary>Those of its documents in which no operation is under way; the one that rested longest is next.</summary>
    public Queue<int> Free { get; } = new(Enumerable.Range(0, documents.Length));

    /// <summary>Answers to its subscriptions so far.</summary>
    public int Subscribed { get; set; }
}
