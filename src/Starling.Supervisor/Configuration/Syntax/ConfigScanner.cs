namespace Starling.Supervisor.Configuration.Syntax;

/// <summary>A place in a process file, moved over characters, white space and comments.</summary>
internal sealed class ConfigScanner(string source)
{
    private int _lineStart;
    private int _position;

    public int Line { get; private set; } = 1;

    public int Column => _position - _lineStart + 1;

    public bool AtEnd => _position >= source.Length;

    public char Current => AtEnd ? '\0' : source[_position];

    public char Next => _position + 1 < source.Length ? source[_position + 1] : '\0';

    public char Take()
    {
        var taken = source[_position++];
        if (taken == '\n')
        {
            Line++;
            _lineStart = _position;
        }

        return taken;
    }

    public void SkipSpace()
    {
        while (!AtEnd)
        {
            if (char.IsWhiteSpace(Current) || Current == '\uFEFF')
            {
                Take();
            }
            else if (Current == '/' && Next == '/')
            {
                while (!AtEnd && Current != '\n')
                {
                    Take();
                }
            }
            else if (Current == '/' && Next == '*')
            {
                SkipComment();
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>A run of letters, digits and the signs of names and numbers.</summary>
    public string TakeWord()
    {
        var start = _position;
        while (!AtEnd && (char.IsLetterOrDigit(Current) || Current is '_' or '$' or '-' or '+' or '.'))
        {
            _position++;
        }

        return source[start.._position];
    }

    public ConfigSyntaxException Error(string message) => new(message, Line, Column);

    /// <summary>What stands here, for a message.</summary>
    public string Shown() => AtEnd ? "the file ends" : $"there is '{Current}'";

    private void SkipComment()
    {
        var (line, column) = (Line, Column);
        Take();
        Take();
        while (!(Current == '*' && Next == '/'))
        {
            if (AtEnd)
            {
                throw new ConfigSyntaxException("a comment that begins here has no end: close it by */", line, column);
            }

            Take();
        }

        Take();
        Take();
    }
}
