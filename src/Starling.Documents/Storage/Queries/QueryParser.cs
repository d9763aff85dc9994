using System.Text.Json;

namespace Starling.Documents.Storage.Queries;

/// <summary>
/// Reads the queries of clients: <c>{"filter":{"field":value, "a.b":{"$gt":1,"$lte":2}}, "sort":[["field",1],["other",-1]], "skip":n,
/// "limit":n}</c>, all of it optional. Operators are <c>$eq $ne $gt $gte $lt $lte</c>.
/// </summary>
public static class QueryParser
{
    /// <summary>Reads a query.</summary>
    /// <param name="json">UTF-8 JSON; empty for the query that finds everything.</param>
    /// <returns>The query.</returns>
    /// <exception cref="DocumentException">It is not of the form above.</exception>
    public static DocumentQuery Parse(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return new DocumentQuery();
        }

        try
        {
            using var parsed = JsonDocument.Parse(json);
            return Read(parsed.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new DocumentException(DocumentErrors.QueryBadlyFormed, "The query is not understood: " + exception.Message, exception);
        }
    }

    private static DocumentQuery Read(JsonElement root)
    {
        var query = new DocumentQuery();
        if (root.ValueKind is JsonValueKind.Null)
        {
            return query;
        }

        Require(root.ValueKind == JsonValueKind.Object, "A query is an object");
        foreach (var property in root.EnumerateObject())
        {
            query = property.Name switch
            {
                "filter" => query with { Conditions = [.. Conditions(property.Value)] },
                "sort" => query with { Sort = [.. Sort(property.Value)] },
                "skip" => query with { Skip = Count(property.Value, "skip") },
                "limit" => query with { Limit = Count(property.Value, "limit") },
                _ => throw Error($"'{property.Name}' is none of filter, sort, skip and limit"),
            };
        }

        return query;
    }

    private static IEnumerable<QueryCondition> Conditions(JsonElement filter)
    {
        Require(filter.ValueKind == JsonValueKind.Object, "filter is an object");
        foreach (var property in filter.EnumerateObject())
        {
            var field = Field(property.Name);
            if (property.Value.ValueKind != JsonValueKind.Object)
            {
                yield return new QueryCondition(field, QueryOperator.Equal, QueryValue.Of(property.Value));
                continue;
            }

            foreach (var comparison in property.Value.EnumerateObject())
            {
                yield return new QueryCondition(field, Operator(comparison.Name), QueryValue.Of(comparison.Value));
            }
        }
    }

    private static IEnumerable<QuerySort> Sort(JsonElement sort)
    {
        Require(sort.ValueKind == JsonValueKind.Array, "sort is a list");
        foreach (var item in sort.EnumerateArray())
        {
            Require(
                item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2 && item[0].ValueKind == JsonValueKind.String
                && item[1].ValueKind == JsonValueKind.Number && item[1].GetDouble() is 1 or -1,
                "an item of sort is a field's name and 1 or -1");
            yield return new QuerySort(Field(item[0].GetString()!), item[1].GetDouble() < 0);
        }
    }

    private static string[] Field(string name)
    {
        var field = name.Split('.');
        Require(field.All(part => part.Length > 0 && !part.Contains('"', StringComparison.Ordinal)), $"'{name}' is no field");
        return field;
    }

    private static QueryOperator Operator(string name) => name switch
    {
        "$eq" => QueryOperator.Equal,
        "$ne" => QueryOperator.NotEqual,
        "$lt" => QueryOperator.Less,
        "$lte" => QueryOperator.LessOrEqual,
        "$gt" => QueryOperator.Greater,
        "$gte" => QueryOperator.GreaterOrEqual,
        _ => throw Error($"'{name}' is no operator"),
    };

    private static int Count(JsonElement value, string what)
    {
        Require(value.TryGetInt32(out var count) && count >= 0, what + " is a whole number that is not negative");
        return count;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw Error(message);
        }
    }

    private static DocumentException Error(string message) => new(DocumentErrors.QueryBadlyFormed, "The query is not understood: " + message);
}
