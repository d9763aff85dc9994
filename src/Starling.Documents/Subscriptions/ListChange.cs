namespace Starling.Documents.Subscriptions;

/// <summary>One step from one list to another. Steps are taken in order, each on the list that the ones before it left.</summary>
internal abstract record ListChange
{
    /// <summary>Items are taken out.</summary>
    internal sealed record Remove(int Index, int Count) : ListChange;

    /// <summary>Items are taken out and put in elsewhere; <paramref name="To"/> counts without them.</summary>
    internal sealed record Move(int From, int To, int Count) : ListChange;

    /// <summary>Items are put in.</summary>
    internal sealed record Insert(int Index, IReadOnlyList<string> Ids) : ListChange;
}
