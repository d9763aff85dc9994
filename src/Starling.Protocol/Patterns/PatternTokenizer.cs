using System.Text;

namespace Starling.Protocol.Patterns;

/// <summary>Cuts a pattern string into tokens (URL Pattern Standard, section 2.1).</summary>
/// <param name="input">The pattern.</param>
/// <param name="lenient">Whether errors become tokens; else they are thrown.</param>
internal sealed class PatternTokenizer(string input, bool lenient)
{
    private readonly List<PatternToken> _tokens = [];
    private int _index;

    /// <summary>Cuts.</summary>
    /// <exception cref="FormatException">The pattern is not valid.</exception>
    public static List<PatternToken> Tokenize(string input, bool lenient)
    {
        var tokenizer = new PatternTokenizer(input, lenient);
        tokenizer.Run();
        return tokenizer._tokens;
    }

    private void Run()
    {
        while (_index < input.Length)
        {
            switch (input[_index])
            {
                case '*':
                    Add(PatternTokenType.Asterisk, 1);
                    break;
                case '+' or '?':
                    Add(PatternTokenType.OtherModifier, 1);
                    break;
                case '{':
                    Add(PatternTokenType.Open, 1);
                    break;
                case '}':
                    Add(PatternTokenType.Close, 1);
                    break;
                case '\\':
                    Escape();
                    break;
                case ':':
                    Name();
                    break;
                case '(':
                    Regexp();
                    break;
                default:
                    Add(PatternTokenType.Char, Rune.TryGetRuneAt(input, _index, out var rune) ? rune.Utf16SequenceLength : 1);
                    break;
            }
        }

        _tokens.Add(new PatternToken(PatternTokenType.End, input.Length, ""));
    }

    private void Add(PatternTokenType type, int length, int skip = 0)
    {
        _tokens.Add(new PatternToken(type, _index, input.Substring(_index + skip, length - skip)));
        _index += length;
    }

    private void Escape()
    {
        if (_index == input.Length - 1)
        {
            Fail("a backslash at the end escapes nothing");
            return;
        }

        Add(PatternTokenType.EscapedChar, 2, skip: 1);
    }

    private void Name()
    {
        var end = _index + 1;
        while (end < input.Length && IsNameChar(input[end], isFirst: end == _index + 1))
        {
            end++;
        }

        if (end == _index + 1)
        {
            Fail("a colon must be followed by a name");
            return;
        }

        Add(PatternTokenType.Name, end - _index, skip: 1);
    }

    private static bool IsNameChar(char c, bool isFirst) =>
        char.IsLetter(c) || c is '_' or '$' || (!isFirst && (char.IsLetterOrDigit(c) || c is '\u200c' or '\u200d'));

    private void Regexp()
    {
        var depth = 1;
        var end = _index + 1;
        while (end < input.Length && depth > 0)
        {
            var c = input[end];
            if (!char.IsAscii(c) || (end == _index + 1 && c == '?'))
            {
                Fail("an expression in parentheses must be ASCII and must not begin with a question mark");
                return;
            }

            if (c == '\\')
            {
                if (end + 1 >= input.Length || !char.IsAscii(input[end + 1]))
                {
                    Fail("a backslash in an expression escapes nothing");
                    return;
                }

                end += 2;
                continue;
            }

            if (c == ')')
            {
                depth--;
            }
            else if (c == '(')
            {
                depth++;
                if (end + 1 >= input.Length || input[end + 1] != '?')
                {
                    Fail("an expression must not contain capturing groups");
                    return;
                }
            }

            end++;
        }

        if (depth > 0 || end - _index == 2)
        {
            Fail(depth > 0 ? "a parenthesis is not closed" : "an expression must not be empty");
            return;
        }

        _tokens.Add(new PatternToken(PatternTokenType.Regexp, _index, input[(_index + 1)..(end - 1)]));
        _index = end;
    }

    private void Fail(string error)
    {
        if (!lenient)
        {
            throw new FormatException($"{error} (at character {_index + 1})");
        }

        Add(PatternTokenType.InvalidChar, 1);
    }
}
