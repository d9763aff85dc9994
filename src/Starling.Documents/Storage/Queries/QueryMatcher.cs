using System.Text.Json;

namespace Starling.Documents.Storage.Queries;

/// <summary>Evaluates queries in memory. Stores without an engine of their own use it, and so do live queries for single documents.</summary>
public static class QueryMatcher
{
    private const int SmallestPart = 1000;

    // Documents of any type may be among those that are looked at.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 1000 };

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

        using var content = JsonDocument.Parse(snapshot.Data, Options);
        return query.Conditions.All(condition => Holds(condition, Find(content.RootElement, condition.Field)));
    }

    /// <summary>Finds the result among documents.</summary>
    /// <param name="query">The query.</param>
    /// <param name="snapshots">All documents of the collection, or those that a database has found to be possible results.</param>
    /// <param name="load">
    /// Reads a document again that has been found, so that contents need not be held of all that match; null if they are in memory anyway. May
    /// return null for a document that is not there any more.
    /// </param>
    /// <returns>The result in its order.</returns>
    public static IReadOnlyList<DocumentSnapshot> Run(
        DocumentQuery query, IEnumerable<DocumentSnapshot> snapshots, Func<DocumentSnapshot, DocumentSnapshot?>? load = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(snapshots);
        var order = Comparer<Match>.Create((left, right) => Compare(query, left, right));
        var most = (long)query.Skip + (query.Limit ?? int.MaxValue);
        var matches = new List<Match>();
        foreach (var snapshot in snapshots)
        {
            if (!Matches(query, snapshot))
            {
                continue;
            }

            matches.Add(new Match(load is null ? snapshot : snapshot with { Data = default }, SortKeys(query, snapshot)));
            if (matches.Count > (2 * most) + SmallestPart)
            {
                matches.Sort(order);
                matches.RemoveRange((int)most, matches.Count - (int)most);
            }
        }

        matches.Sort(order);
        return Take(query, matches, load);
    }

    private static List<DocumentSnapshot> Take(DocumentQuery query, List<Match> matches, Func<DocumentSnapshot, DocumentSnapshot?>? load)
    {
        var result = new List<DocumentSnapshot>();
        var bytes = 0L;
        for (var i = query.Skip; i < matches.Count && result.Count < (query.Limit ?? int.MaxValue) && bytes <= query.MaxBytes; i++)
        {
            var match = matches[i].Snapshot;
            var found = query.WithoutData ? match with { Data = default } : load is null ? match : load(match);
            if (found is not null)
            {
                result.Add(found);
                bytes += found.Data.Length;
            }
        }

        return result;
    }

    private static int Compare(DocumentQuery query, Match left, Match right)
    {
        for (var i = 0; i < query.Sort.Count; i++)
        {
            if (left.Keys[i].CompareTo(right.Keys[i]) is var order and not 0)
            {
                return query.Sort[i].Descending ? -order : order;
            }
        }

        return QueryValue.Of(left.Snapshot.Key.Id).CompareTo(QueryValue.Of(right.Snapshot.Key.Id));
    }

    private static QueryValue[] SortKeys(DocumentQuery query, DocumentSnapshot snapshot)
    {
        if (query.Sort.Count == 0)
        {
            return [];
        }

        using var content = JsonDocument.Parse(snapshot.Data, Options);
        return [.. query.Sort.Select(sort => Find(content.RootElement, sort.Field))];
    }

    private static QueryValue Find(JsonElement element, IReadOnlyList<string> field)
    {
        foreach (var name in field)
        {
            if (element.ValueKind != JsonValueKind.Object || !TryFind(element, name, out element))
            {
                return QueryValue.Null;
            }
        }

        return QueryValue.Of(element);
    }

    private static bool TryFind(JsonElement element, string name, out JsonElement value)
    {
        try
        {
            return element.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            // A name beside it has half a surrogate pair, which the reader does not compare with anything.
            value = default;
            foreach (var property in element.EnumerateObject())
            {
                value = IsNamed(property, name) ? property.Value : value;
            }

            return value.ValueKind != JsonValueKind.Undefined;
        }
    }

    private static bool IsNamed(JsonProperty property, string name)
    {
        try
        {
            return property.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
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

    private readonly record struct Match(DocumentSnapshot Snapshot, QueryValue[] Keys);
}
