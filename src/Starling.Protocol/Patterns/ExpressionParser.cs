using System.Globalization;

namespace Starling.Protocol.Patterns;

/// <summary>
/// Parses the regular expression of a group: the part of ECMAScript's syntax that can be matched in linear time. Without lookaround,
/// back references, word boundaries and classes by Unicode property.
/// </summary>
/// <param name="text">The expression; ASCII, without capturing groups.</param>
internal sealed class ExpressionParser(string text)
{
    private const int MaxDepth = 50;
    private const int MaxCount = 2_000;
    private const string LineEnds = "\n\r\u2028\u2029";

    private int _index;
    private int _depth;

    private char Current => _index < text.Length ? text[_index] : '\0';

    private bool IsEnd => _index >= text.Length;

    /// <summary>Parses an expression.</summary>
    /// <exception cref="FormatException">The expression is not valid, or is not supported.</exception>
    public static TextExpression Parse(string text)
    {
        var parser = new ExpressionParser(text);
        var result = parser.Alternatives();
        return parser.IsEnd ? result : throw parser.Error("a parenthesis is not opened");
    }

    private TextExpression Alternatives()
    {
        if (++_depth > MaxDepth)
        {
            throw Error($"groups are nested more than {MaxDepth} deep");
        }

        var items = new List<TextExpression> { Sequence() };
        while (TryTake('|'))
        {
            items.Add(Sequence());
        }

        _depth--;
        return items.Count == 1 ? items[0] : new TextExpression.Choice([.. items]);
    }

    private TextExpression.Sequence Sequence()
    {
        var items = new List<TextExpression>();
        while (!IsEnd && Current is not ('|' or ')'))
        {
            items.Add(Quantified(Atom()));
        }

        return new TextExpression.Sequence([.. items]);
    }

    private TextExpression Atom()
    {
        var c = text[_index++];
        switch (c)
        {
            case '(':
                if (!TryTake('?') || !TryTake(':'))
                {
                    throw Error("only groups that begin with '?:' are supported");
                }

                var group = Alternatives();
                return TryTake(')') ? group : throw Error("a parenthesis is not closed");
            case '[':
                return new TextExpression.OneOf(Class());
            case '.':
                return new TextExpression.OneOf(static c => !LineEnds.Contains(c, StringComparison.Ordinal));
            case '^':
                return new TextExpression.Start();
            case '$':
                return new TextExpression.End();
            case '\\':
                var (set, single) = Escape();
                return set is not null ? new TextExpression.OneOf(set) : new TextExpression.Text(single.ToString());
            case '*' or '+' or '?' or '{' or '}' or ']':
                throw Error($"'{c}' must be escaped here");
            default:
                return new TextExpression.Text(c.ToString());
        }
    }

    private TextExpression Quantified(TextExpression item)
    {
        if (Current is not ('*' or '+' or '?' or '{'))
        {
            return item;
        }

        var (min, max) = Current switch
        {
            '*' => (0, null),
            '+' => (1, null),
            '?' => (0, (int?)1),
            _ => Counts(),
        };

        // Whether more or less is preferred does not change whether a text matches.
        _index++;
        TryTake('?');
        return Current is '*' or '+' or '?' or '{' ? throw Error("nothing to repeat") : new TextExpression.Repeat(item, min, max);
    }

    // Leaves the index at the closing brace.
    private (int Min, int? Max) Counts()
    {
        _index++;
        var min = Number() ?? throw Error("a number is missing after '{'");
        var max = (int?)min;
        if (TryTake(','))
        {
            max = Number();
        }

        return Current == '}' && !(max < min) ? (min, max) : throw Error("the numbers in braces are not valid");
    }

    private int? Number()
    {
        var begin = _index;
        while (char.IsAsciiDigit(Current))
        {
            _index++;
        }

        if (begin == _index)
        {
            return null;
        }

        return int.TryParse(text.AsSpan(begin, _index - begin), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxCount
            ? number : throw Error($"nothing may be repeated more than {MaxCount} times");
    }

    private Func<char, bool> Class()
    {
        var isNegated = TryTake('^');
        var sets = new List<Func<char, bool>>();
        while (!TryTake(']'))
        {
            var (set, from) = ClassItem();
            if (Current != '-' || _index + 1 >= text.Length || text[_index + 1] == ']')
            {
                sets.Add(set ?? (c => c == from));
                continue;
            }

            _index++;
            var (second, to) = ClassItem();
            if (set is not null || second is not null || to < from)
            {
                throw Error("a range of characters is not valid");
            }

            sets.Add(c => c >= from && c <= to);
        }

        Func<char, bool>[] all = [.. sets];

        // Runs for each character of each topic: a closure within it would be an object each time.
        return c =>
        {
            foreach (var set in all)
            {
                if (set(c))
                {
                    return !isNegated;
                }
            }

            return isNegated;
        };
    }

    private (Func<char, bool>? Set, char Single) ClassItem()
    {
        if (IsEnd)
        {
            throw Error("a bracket is not closed");
        }

        var c = text[_index++];
        return c switch
        {
            '\\' when TryTake('b') => (null, '\b'),
            '\\' when TryTake('-') => (null, '-'),
            '\\' => Escape(),
            '[' => throw Error("'[' must be escaped here"),
            _ => (null, c),
        };
    }

    private (Func<char, bool>? Set, char Single) Escape()
    {
        if (IsEnd)
        {
            throw Error("a backslash at the end escapes nothing");
        }

        var c = text[_index++];
        return c switch
        {
            'd' => (char.IsAsciiDigit, c),
            'D' => (static c => !char.IsAsciiDigit(c), c),
            'w' => (IsWord, c),
            'W' => (static c => !IsWord(c), c),
            's' => (IsSpace, c),
            'S' => (static c => !IsSpace(c), c),
            't' => (null, '\t'),
            'n' => (null, '\n'),
            'v' => (null, '\v'),
            'f' => (null, '\f'),
            'r' => (null, '\r'),
            '0' when !char.IsAsciiDigit(Current) => (null, '\0'),
            'x' => (null, Hexadecimal(2)),
            'u' => (null, Hexadecimal(4)),
            _ when char.IsAsciiLetterOrDigit(c) => throw Error($"'\\{c}' is not supported"),
            _ => (null, c),
        };
    }

    private char Hexadecimal(int digits)
    {
        if (_index + digits > text.Length
            || !ushort.TryParse(text.AsSpan(_index, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw Error($"{digits} hexadecimal digits are missing");
        }

        _index += digits;
        return (char)value;
    }

    private bool TryTake(char c)
    {
        if (IsEnd || text[_index] != c)
        {
            return false;
        }

        _index++;
        return true;
    }

    private FormatException Error(string what) =>
        new($"the expression '({text})' cannot be used: {what} (at character {Math.Min(_index + 1, text.Length)})");

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c == '\ufeff';
}
