using System.Text;
using Starling.Documents.Storage.Queries;

namespace Starling.Sqlite;

/// <summary>A query as SQL over the JSON of the stored snapshots, with the meaning that <see cref="QueryMatcher"/> gives it.</summary>
internal sealed class SqliteQuery
{
    private const string Numbers = "('integer', 'real', 'true', 'false')";

    private readonly StringBuilder _sql = new();
    private readonly List<object?> _values = [];

    public SqliteQuery(string collection, DocumentQuery query)
    {
        // The content is kept as bytes, which the JSON functions take for something else.
        _sql.Append($"SELECT {Rows.SnapshotColumns}, id FROM (SELECT *, CAST(data AS TEXT) AS content FROM documents WHERE collection = ")
            .Append(Bind(collection)).Append(" AND type IS NOT NULL)");
        for (var i = 0; i < query.Conditions.Count; i++)
        {
            _sql.Append(i == 0 ? " WHERE " : " AND ").Append(Condition(query.Conditions[i]));
        }

        _sql.Append(" ORDER BY ");
        foreach (var sort in query.Sort)
        {
            var (type, value) = Field(sort.Field);
            var direction = sort.Descending ? " DESC, " : ", ";
            _sql.Append($"CASE WHEN {type} IN {Numbers} THEN 1 WHEN {type} = 'text' THEN 2 WHEN {type} IN ('object', 'array') THEN 3 ELSE 0 END")
                .Append(direction)
                .Append($"CASE WHEN {type} IN ('object', 'array') THEN NULL ELSE {value} END")
                .Append(direction);
        }

        _sql.Append("id LIMIT ").Append(Bind(query.Limit ?? -1L)).Append(" OFFSET ").Append(Bind((long)query.Skip));
    }

    public string Sql => _sql.ToString();

    public IReadOnlyList<object?> Values => _values;

    private string Condition(QueryCondition condition)
    {
        var (type, value) = Field(condition.Field);
        return condition.Operator switch
        {
            QueryOperator.Equal => Compare(type, value, "=", condition.Value),
            QueryOperator.NotEqual => $"NOT COALESCE({Compare(type, value, "=", condition.Value)}, 0)",
            QueryOperator.Less => CompareOrder(type, value, "<", condition.Value),
            QueryOperator.LessOrEqual => CompareOrder(type, value, "<=", condition.Value),
            QueryOperator.Greater => CompareOrder(type, value, ">", condition.Value),
            QueryOperator.GreaterOrEqual => CompareOrder(type, value, ">=", condition.Value),
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };
    }

    private string CompareOrder(string type, string value, string comparison, QueryValue with) =>
        with.IsNull ? "0" : Compare(type, value, comparison, with);

    private string Compare(string type, string value, string comparison, QueryValue with)
    {
        if (with.IsNull)
        {
            return $"({value} IS NULL)";
        }

        return with.Number is { } number ? $"({type} IN {Numbers} AND {value} {comparison} {Bind(number)})"
            : with.Text is { } text ? $"({type} = 'text' AND {value} {comparison} {Bind(text)})"
            : "0";
    }

    private (string Type, string Value) Field(IReadOnlyList<string> field)
    {
        var path = new StringBuilder("$");
        foreach (var name in field)
        {
            if (name.Contains('"', StringComparison.Ordinal))
            {
                throw new ArgumentException($"Fields with quotation marks in their names cannot be searched: {name}");
            }

            path.Append(".\"").Append(name).Append('"');
        }

        var parameter = Bind(path.ToString());
        return ($"json_type(content, {parameter})", $"json_extract(content, {parameter})");
    }

    private string Bind(object value)
    {
        _values.Add(value);
        return "$" + _values.Count;
    }
}
