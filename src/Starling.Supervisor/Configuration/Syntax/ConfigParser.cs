using System.Globalization;
using System.Text;

namespace Starling.Supervisor.Configuration.Syntax;

/// <summary>
/// Reads JSON as people write it in process files: with comments, commas after the last item, single quotes and keys without quotes, which PM2 takes
/// because it reads them as JavaScript (and which JSON5 writes down: https://spec.json5.org).
/// </summary>
internal sealed class ConfigParser
{
    private const int DeepestNesting = 64;
    private readonly ConfigScanner _scanner;
    private int _depth;

    private ConfigParser(string source)
    {
        _scanner = new ConfigScanner(source);
    }

    /// <exception cref="ConfigSyntaxException">It is not JSON.</exception>
    public static ConfigNode Parse(string source)
    {
        var parser = new ConfigParser(source);
        parser._scanner.SkipSpace();
        if (parser._scanner.AtEnd)
        {
            throw parser._scanner.Error("the file is empty; it needs an object with a list `apps`");
        }

        var value = parser.ReadValue();
        parser._scanner.SkipSpace();
        return parser._scanner.AtEnd ? value : throw parser._scanner.Error($"the value has ended, but {parser._scanner.Shown()}");
    }

    private ConfigNode ReadValue()
    {
        if (++_depth > DeepestNesting)
        {
            throw _scanner.Error($"values are nested deeper than {DeepestNesting} levels");
        }

        var value = _scanner.Current switch
        {
            '{' => ReadObject(),
            '[' => ReadList(),
            '"' or '\'' or '`' => ReadTextNode(),
            _ => ReadWord(),
        };
        _depth--;
        return value;
    }

    private ConfigNode ReadObject()
    {
        var (line, column) = (_scanner.Line, _scanner.Column);
        var members = new List<ConfigMember>();
        _scanner.Take();
        while (true)
        {
            _scanner.SkipSpace();
            if (_scanner.Current == '}')
            {
                _scanner.Take();
                return new ConfigNode { Kind = ConfigNodeKind.Object, Line = line, Column = column, Members = members };
            }

            var (keyLine, keyColumn) = (_scanner.Line, _scanner.Column);
            var key = ReadKey(line, column);
            _scanner.SkipSpace();
            if (_scanner.Current != ':')
            {
                throw _scanner.Error($"after the key \"{key}\" a colon is expected, but {_scanner.Shown()}");
            }

            _scanner.Take();
            _scanner.SkipSpace();
            var value = ReadValue();

            // The last of two equal keys counts, as in JavaScript.
            members.RemoveAll(member => member.Key == key);
            members.Add(new ConfigMember(key, value, keyLine, keyColumn));
            EndItem('}', "object", line, column);
        }
    }

    private ConfigNode ReadList()
    {
        var (line, column) = (_scanner.Line, _scanner.Column);
        var items = new List<ConfigNode>();
        _scanner.Take();
        while (true)
        {
            _scanner.SkipSpace();
            if (_scanner.Current == ']')
            {
                _scanner.Take();
                return new ConfigNode { Kind = ConfigNodeKind.List, Line = line, Column = column, Items = items };
            }

            if (_scanner.AtEnd)
            {
                throw new ConfigSyntaxException("the list that begins here has no end: close it by ']'", line, column);
            }

            items.Add(ReadValue());
            EndItem(']', "list", line, column);
        }
    }

    private void EndItem(char end, string what, int line, int column)
    {
        _scanner.SkipSpace();
        if (_scanner.Current == ',')
        {
            _scanner.Take();
        }
        else if (_scanner.AtEnd)
        {
            throw new ConfigSyntaxException($"the {what} that begins here has no end: close it by '{end}'", line, column);
        }
        else if (_scanner.Current != end)
        {
            throw _scanner.Error($"a comma or '{end}' is expected, but {_scanner.Shown()}");
        }
    }

    private string ReadKey(int line, int column)
    {
        if (_scanner.AtEnd)
        {
            throw new ConfigSyntaxException("the object that begins here has no end: close it by '}'", line, column);
        }

        if (_scanner.Current is '"' or '\'')
        {
            return ReadText();
        }

        var start = _scanner.Error("");
        var key = _scanner.TakeWord();
        return key.Length > 0 && !char.IsDigit(key[0])
            ? key
            : throw new ConfigSyntaxException($"a key in quotes is expected, but {_scanner.Shown()}", start.Line, start.Column);
    }

    private ConfigNode ReadTextNode()
    {
        var (line, column) = (_scanner.Line, _scanner.Column);
        return new ConfigNode { Kind = ConfigNodeKind.Text, Line = line, Column = column, Text = ReadText() };
    }

    private string ReadText()
    {
        var (line, column) = (_scanner.Line, _scanner.Column);
        var quote = _scanner.Take();
        var text = new StringBuilder();
        while (_scanner.Current != quote)
        {
            if (_scanner.AtEnd || (_scanner.Current == '\n' && quote != '`'))
            {
                throw new ConfigSyntaxException($"the text that begins here has no end: close it by {quote}", line, column);
            }

            if (_scanner.Current == '\\')
            {
                ReadEscape(text);
            }
            else
            {
                text.Append(_scanner.Take());
            }
        }

        _scanner.Take();
        return text.ToString();
    }

    private void ReadEscape(StringBuilder text)
    {
        var start = _scanner.Error("");
        _scanner.Take();
        if (_scanner.AtEnd)
        {
            throw start;
        }

        var escaped = _scanner.Take();
        switch (escaped)
        {
            case 'n':
                text.Append('\n');
                break;
            case 't':
                text.Append('\t');
                break;
            case 'r':
                text.Append('\r');
                break;
            case 'b':
                text.Append('\b');
                break;
            case 'f':
                text.Append('\f');
                break;
            case 'v':
                text.Append('\v');
                break;
            case '0':
                text.Append('\0');
                break;
            case 'x':
                text.Append((char)ReadHex(2, start));
                break;
            case 'u':
                text.Append((char)ReadHex(4, start));
                break;
            case '\n':
                break;
            default:
                text.Append(escaped);
                break;
        }
    }

    private int ReadHex(int digits, ConfigSyntaxException start)
    {
        var value = 0;
        for (var i = 0; i < digits; i++)
        {
            if (!char.IsAsciiHexDigit(_scanner.Current))
            {
                throw new ConfigSyntaxException($"a backslash with '{(digits == 4 ? 'u' : 'x')}' needs {digits} hexadecimal digits", start.Line, start.Column);
            }

            value = (value << 4) | Convert.ToInt32(_scanner.Take().ToString(), 16);
        }

        return value;
    }

    private ConfigNode ReadWord()
    {
        var (line, column) = (_scanner.Line, _scanner.Column);
        var found = _scanner.Shown();
        var word = _scanner.TakeWord();
        return word switch
        {
            "null" or "undefined" => new ConfigNode { Kind = ConfigNodeKind.Null, Line = line, Column = column },
            "true" or "false" => new ConfigNode { Kind = ConfigNodeKind.Flag, Line = line, Column = column, Flag = word == "true" },
            "" => throw new ConfigSyntaxException($"a value is expected, but {found}", line, column),
            _ => TryNumber(word, out var number)
                ? new ConfigNode { Kind = ConfigNodeKind.Number, Line = line, Column = column, Number = number }
                : throw new ConfigSyntaxException($"\"{word}\" is not a value: put texts in quotes", line, column),
        };
    }

    private static bool TryNumber(string word, out double number)
    {
        if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            var hex = long.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var whole);
            number = whole;
            return hex;
        }

        // A word such as NaN would pass as a number otherwise.
        number = 0;
        return (char.IsDigit(word[0]) || word[0] is '-' or '+' or '.')
            && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }
}
