using System.Buffers;
using System.Text;
using Starling.Documents.Storage.Queries;

namespace Starling.Sqlite;

/// <summary>
/// The possible results of a query as SQL over the JSON of the stored snapshots. <see cref="QueryMatcher"/> decides which of them are results, and
/// in which order; conditions stand here only where SQLite certainly finds all that it would.
/// </summary>
internal sealed class SqliteQuery
{
    private const double LargestWhole = 9007199254740992;

    // What the two would have to agree on otherwise: quoting in paths, U+0000, halves of surrogate pairs.
    private static readonly SearchValues<char> PlainName =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_- ");

    private readonly StringBuilder _sql = new();
    private readonly List<object?> _values = [];

    public SqliteQuery(string collection, DocumentQuery query)
    {
        // The content is kept as bytes, which the JSON functions take for something else.
        _sql.Append($"SELECT {Rows.SnapshotColumns}, id FROM (SELECT *, CAST(data AS TEXT) AS content FROM documents WHERE collection = ")
            .Append(Bind(collection)).Append(" AND type IS NOT NULL)");
        var word = " WHERE ";
        foreach (var condition in query.Conditions.Where(CanNarrow))
        {
            _sql.Append(word).Append(Narrow(condition));
            word = " AND ";
        }
    }

    public string Sql => _sql.ToString();

    public IReadOnlyList<object?> Values => _values;

    private static bool CanNarrow(QueryCondition condition) =>
        condition.Field.All(name => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(PlainName))
        && (condition.Value.Number is { } number
            ? condition.Operator != QueryOperator.NotEqual && Math.Abs(number) < LargestWhole
            : condition.Operator == QueryOperator.Equal && condition.Value.Text is { } text
                && text.AsSpan().IndexOf('\0') < 0 && text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0);

    private string Narrow(QueryCondition condition)
    {
        var path = Bind("$" + string.Concat(condition.Field.Select(name => $".\"{name}\"")));
        var value = $"json_extract(content, {path})";
        if (condition.Value.Text is { } text)
        {
            return $"{value} = {Bind(text)}";
        }

        // The last digits of a number may be read otherwise here than there.
        var number = condition.Value.Number!.Value;
        var margin = Math.Max(Math.Abs(number) * 1e-9, 1e-9);
        return condition.Operator switch
        {
            QueryOperator.Less or QueryOperator.LessOrEqual => $"{value} <= {Bind(number + margin)}",
            QueryOperator.Greater or QueryOperator.GreaterOrEqual => $"{value} >= {Bind(number - margin)}",
            _ => $"{value} BETWEEN {Bind(number - margin)} AND {Bind(number + margin)}",
        };
    }

    private string Bind(object value)
    {
        _values.Add(value);
        return "$" + _values.Count;
    }
}
