using System.Text.Json;

namespace Starling.Documents.Storage.Queries;

/// <summary>Evaluates queries in memory. Stores without an engine of their own use it, and so do live queries for single documents.</summary>
public static class QueryMatcher
{
    /// <summary>Whether a document belongs to the result, sort and limit aside.</summary>
    /// <param name="query">The query.</param>
    /// <param name="snapshot">The document.</param>
    /// <returns>Whether it exists and all conditions hold.</returns>
    public static bool Matches(DocumentQuery query, DocumentSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Type is null)
        {
            return false;
        }

        if (query.Conditions.Count == 0)
        {
            return true;
        }

        using var content = JsonDocument.Parse(snapshot.Data);
        return query.Conditions.All(condition => Holds(condition, Find(content.RootElement, condition.Field)));
    }

    /// <summary>Finds what a store holds in memory.</summary>
    /// <param name="query">The query.</param>
    /// <param name="snapshots">All documents of the collection.</param>
    /// <returns>The result in its order.</returns>
    public static IReadOnlyList<DocumentSnapshot> Run(DocumentQuery query, IEnumerable<DocumentSnapshot> snapshots)
    {
        ArgumentNullException.ThrowIfNull(query);
        var matching = snapshots.Where(snapshot => Matches(query, snapshot))
            .Select(snapshot => (Snapshot: snapshot, Keys: SortKeys(query, snapshot)))
            .OrderBy(item => item, Comparer<(DocumentSnapshot Snapshot, QueryValue[] Keys)>.Create((left, right) =>
            {
                for (var i = 0; i < query.Sort.Count; i++)
                {
                    if (left.Keys[i].CompareTo(right.Keys[i]) is var order and not 0)
                    {
                        return query.Sort[i].Descending ? -order : order;
                    }
                }

                return string.CompareOrdinal(left.Snapshot.Key.Id, right.Snapshot.Key.Id);
            }))
            .Select(item => item.Snapshot)
            .Skip(query.Skip);
        return [.. query.Limit is { } limit ? matching.Take(limit) : matching];
    }

    private static QueryValue[] SortKeys(DocumentQuery query, DocumentSnapshot snapshot)
    {
        if (query.Sort.Count == 0)
        {
            return [];
        }

        using var content = JsonDocument.Parse(snapshot.Data);
        return [.. query.Sort.Select(sort => Find(content.RootElement, sort.Field))];
    }

    private static QueryValue Find(JsonElement element, IReadOnlyList<string> field)
    {
        foreach (var name in field)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return QueryValue.Null;
            }
        }

        return QueryValue.Of(element);
    }

    private static bool Holds(QueryCondition condition, QueryValue value) => condition.Operator switch
    {
        QueryOperator.Equal => value == condition.Value,
        QueryOperator.NotEqual => value != condition.Value,
        _ when !value.IsComparableTo(condition.Value) => false,
        QueryOperator.Less => value < condition.Value,
        QueryOperator.LessOrEqual => value <= condition.Value,
        QueryOperator.Greater => value > condition.Value,
        QueryOperator.GreaterOrEqual => value >= condition.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };
}
