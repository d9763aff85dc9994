namespace Starling.Documents.Storage.Queries;

/// <summary>Finds documents of a collection by fields of their content. Immutable.</summary>
public sealed record DocumentQuery
{
    /// <summary>All of these have to hold.</summary>
    public IReadOnlyList<QueryCondition> Conditions { get; init; } = [];

    /// <summary>The order, the most significant field first; documents that are equal in it are ordered by id.</summary>
    public IReadOnlyList<QuerySort> Sort { get; init; } = [];

    /// <summary>How many documents to pass over.</summary>
    public int Skip { get; init; }

    /// <summary>The most documents to find, or null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>
    /// The most bytes of contents to find: the result ends with the document that exceeds them. <see cref="long.MaxValue"/>, the default, for all.
    /// </summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>Whether the contents of the documents are left out of the result.</summary>
    public bool WithoutData { get; init; }

    /// <summary>Whether it can be told from one document alone, without the others, whether it belongs to the result.</summary>
    public bool IsIndependent => Sort.Count == 0 && Skip == 0 && Limit is null;
}
