namespace Starling.Protocol.Patterns;

/// <summary>Splits a pattern that is written like a URL into the patterns of its components (URL Pattern Standard, section 1.6).</summary>
internal sealed class PatternStringParser
{
    private readonly string _input;
    private readonly List<PatternToken> _tokens;
    private readonly Dictionary<PatternField, string> _result = [];
    private PatternField _state = PatternField.Init;
    private int _index;
    private int _increment = 1;
    private int _componentStart;
    private int _groupDepth;
    private int _bracketDepth;
    private bool _isSpecial;

    private PatternStringParser(string input)
    {
        _input = input;
        _tokens = PatternTokenizer.Tokenize(input, lenient: true);
    }

    /// <summary>Splits.</summary>
    /// <returns>The patterns of the components that the string names.</returns>
    public static Dictionary<PatternField, string> Parse(string input)
    {
        var parser = new PatternStringParser(input);
        parser.Run();
        return parser._result;
    }

    private void Run()
    {
        while (_index < _tokens.Count)
        {
            _increment = 1;
            if (_tokens[_index].Type == PatternTokenType.End)
            {
                if (!AtEnd())
                {
                    return;
                }

                _index += _increment;
                continue;
            }

            Step();
            _index += _increment;
        }
    }

    private bool AtEnd()
    {
        switch (_state)
        {
            case PatternField.Init:
                Rewind();
                ChangeState(
                    Is('#') ? PatternField.Hash : IsSearchPrefix() ? PatternField.Search : PatternField.Pathname,
                    Is('#') || IsSearchPrefix() ? 1 : 0);
                return true;
            case PatternField.Authority:
                Rewind();
                _state = PatternField.Hostname;
                return true;
            default:
                ChangeState(PatternField.Done, 0);
                return false;
        }
    }

    private void Step()
    {
        var type = _tokens[_index].Type;
        if (type == PatternTokenType.Open)
        {
            _groupDepth++;
            return;
        }

        if (_groupDepth > 0)
        {
            _groupDepth -= type == PatternTokenType.Close ? 1 : 0;
            if (type != PatternTokenType.Close)
            {
                return;
            }
        }

        switch (_state)
        {
            case PatternField.Init when Is(':'):
                Rewind();
                _state = PatternField.Protocol;
                break;
            case PatternField.Protocol when Is(':'):
                EndProtocol();
                break;
            case PatternField.Authority when Is('@'):
                Rewind();
                _state = PatternField.UserName;
                break;
            case PatternField.Authority when Is('/') || IsSearchPrefix() || Is('#'):
                Rewind();
                _state = PatternField.Hostname;
                break;
            case PatternField.UserName when Is(':'):
                ChangeState(PatternField.Password, 1);
                break;
            case PatternField.UserName or PatternField.Password when Is('@'):
                ChangeState(PatternField.Hostname, 1);
                break;
            case PatternField.Hostname:
                InHostname();
                break;
            case PatternField.Port or PatternField.Pathname or PatternField.Search:
                AfterHostname();
                break;
        }
    }

    private void EndProtocol()
    {
        _isSpecial = UrlPattern.MatchesSpecialScheme(PatternComponent.Compile(Component(), "", "", UrlPatternEncoding.Protocol));
        if (Is('/', 1) && Is('/', 2))
        {
            ChangeState(PatternField.Authority, 3);
        }
        else
        {
            ChangeState(_isSpecial ? PatternField.Authority : PatternField.Pathname, 1);
        }
    }

    private void InHostname()
    {
        if (Is('['))
        {
            _bracketDepth++;
        }
        else if (Is(']'))
        {
            _bracketDepth--;
        }
        else if (Is(':') && _bracketDepth == 0)
        {
            ChangeState(PatternField.Port, 1);
        }
        else
        {
            AfterHostname();
        }
    }

    private void AfterHostname()
    {
        if (_state < PatternField.Pathname && Is('/'))
        {
            ChangeState(PatternField.Pathname, 0);
        }
        else if (_state < PatternField.Search && IsSearchPrefix())
        {
            ChangeState(PatternField.Search, 1);
        }
        else if (Is('#'))
        {
            ChangeState(PatternField.Hash, 1);
        }
    }

    private void ChangeState(PatternField next, int skip)
    {
        if (_state is not (PatternField.Init or PatternField.Authority or PatternField.Done))
        {
            _result[_state] = Component();
        }

        if (_state != PatternField.Init && next != PatternField.Done)
        {
            // A component that is passed over is empty, not anything.
            if (_state < PatternField.Hostname && next >= PatternField.Port)
            {
                _result.TryAdd(PatternField.Hostname, "");
            }

            if (_state < PatternField.Pathname && next >= PatternField.Search)
            {
                _result.TryAdd(PatternField.Pathname, _isSpecial ? "/" : "");
            }

            if (_state < PatternField.Search && next == PatternField.Hash)
            {
                _result.TryAdd(PatternField.Search, "");
            }
        }

        if (next == PatternField.Done && _result.ContainsKey(PatternField.Hostname))
        {
            _result.TryAdd(PatternField.Port, "");
        }

        _state = next;
        _index += skip;
        _componentStart = _index;
        _increment = 0;
    }

    private void Rewind()
    {
        _index = _componentStart;
        _increment = 0;
    }

    private string Component() => _input[_tokens[_componentStart].Index.._tokens[_index].Index];

    private bool Is(char c, int ahead = 0) => _index + ahead < _tokens.Count
        && _tokens[_index + ahead] is { Type: PatternTokenType.Char or PatternTokenType.EscapedChar or PatternTokenType.InvalidChar } token
        && token.Value.Length == 1 && token.Value[0] == c;

    // A question mark begins the search unless it makes what stands before it optional.
    private bool IsSearchPrefix()
    {
        if (Is('?'))
        {
            return true;
        }

        return _tokens[_index].Value == "?"
            && (_index == 0 || _tokens[_index - 1].Type is not (PatternTokenType.Name or PatternTokenType.Regexp or PatternTokenType.Close or PatternTokenType.Asterisk));
    }
}
