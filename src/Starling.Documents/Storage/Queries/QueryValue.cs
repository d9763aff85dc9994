using System.Text.Json;

namespace Starling.Documents.Storage.Queries;

/// <summary>
/// A simple JSON value that can be compared: null, a truth value, a number or a text. Truth values count as the numbers 0 and 1 in an order,
/// texts are ordered by code points. Lists and objects are incomparable and equal nothing.
/// </summary>
public readonly struct QueryValue : IEquatable<QueryValue>, IComparable<QueryValue>
{
    private readonly Rank _rank;
    private readonly double _number;
    private readonly string? _text;

    private QueryValue(Rank rank, double number, string? text)
    {
        _rank = rank;
        _number = number;
        _text = text;
    }

    private enum Rank
    {
        Null,
        Number,
        Text,
        Other,
    }

    /// <summary>JSON's null, and the value of a field that is missing.</summary>
    public static QueryValue Null => default;

    /// <summary>Whether this is null.</summary>
    public bool IsNull => _rank == Rank.Null;

    /// <summary>The text, or null if this is none.</summary>
    public string? Text => _rank == Rank.Text ? _text : null;

    /// <summary>The number (a truth value is 0 or 1), or null if this is none.</summary>
    public double? Number => _rank == Rank.Number ? _number : null;

    /// <summary>Whether both are equal.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they are.</returns>
    public static bool operator ==(QueryValue left, QueryValue right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they do.</returns>
    public static bool operator !=(QueryValue left, QueryValue right) => !left.Equals(right);

    /// <summary>Whether the left one comes first.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether it does.</returns>
    public static bool operator <(QueryValue left, QueryValue right) => left.CompareTo(right) < 0;

    /// <summary>Whether the right one does not come first.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether it does not.</returns>
    public static bool operator <=(QueryValue left, QueryValue right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the right one comes first.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether it does.</returns>
    public static bool operator >(QueryValue left, QueryValue right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one does not come first.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether it does not.</returns>
    public static bool operator >=(QueryValue left, QueryValue right) => left.CompareTo(right) >= 0;

    /// <summary>Makes a number.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The value.</returns>
    public static QueryValue Of(double number) => new(Rank.Number, number, null);

    /// <summary>Makes a text.</summary>
    /// <param name="text">The text; null for JSON's null.</param>
    /// <returns>The value.</returns>
    public static QueryValue Of(string? text) => text is null ? Null : new(Rank.Text, 0, text);

    /// <summary>Makes a truth value.</summary>
    /// <param name="truth">The truth.</param>
    /// <returns>The value.</returns>
    public static QueryValue Of(bool truth) => new(Rank.Number, truth ? 1 : 0, null);

    /// <summary>Takes a value from JSON.</summary>
    /// <param name="element">The JSON value.</param>
    /// <returns>The value.</returns>
    public static QueryValue Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => Null,
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        JsonValueKind.Number => Of(element.GetDouble()),
        JsonValueKind.String => Of(TextOf(element)),
        _ => new(Rank.Other, 0, null),
    };

    /// <summary>Whether the two can be less or greater than each other.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>Whether they are of one kind.</returns>
    public bool IsComparableTo(QueryValue other) => _rank == other._rank && _rank is Rank.Number or Rank.Text;

    /// <inheritdoc/>
    public int CompareTo(QueryValue other)
    {
        if (_rank != other._rank)
        {
            return _rank.CompareTo(other._rank);
        }

        return _rank switch
        {
            Rank.Number => _number.CompareTo(other._number),
            Rank.Text => CompareByCodePoints(_text!, other._text!),
            _ => 0,
        };
    }

    /// <inheritdoc/>
    public bool Equals(QueryValue other) => _rank != Rank.Other && _rank == other._rank && CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is QueryValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_rank, _number, _text);

    // UTF-16 orders surrogates before U+E000 to U+FFFF; databases compare UTF-8, which orders as code points do.
    private static int CompareByCodePoints(string left, string right)
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (left[i] != right[i])
            {
                var (l, r) = (char.IsSurrogate(left[i]), char.IsSurrogate(right[i]));
                return l == r ? left[i].CompareTo(right[i]) : l ? 1 : -1;
            }
        }

        return left.Length.CompareTo(right.Length);
    }

    private static string TextOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(element.GetRawText().AsSpan()[1..^1]);
        }
    }

    // A lone surrogate is no valid Unicode, and so nothing that the JSON reader would give; in UTF-16 it can be written down all the same.
    private static string Unescape(ReadOnlySpan<char> raw)
    {
        var text = new System.Text.StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            var escape = raw[++i];
            if (escape == 'u')
            {
                text.Append((char)ushort.Parse(raw.Slice(i + 1, 4), System.Globalization.NumberStyles.HexNumber, null));
                i += 4;
                continue;
            }

            text.Append(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => escape });
        }

        return text.ToString();
    }
}
