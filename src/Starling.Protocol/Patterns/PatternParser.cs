using System.Text;

namespace Starling.Protocol.Patterns;

/// <summary>Parses the pattern of one component into parts (URL Pattern Standard, section 2.2).</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="prefix">The character that belongs to the group after it: a slash in paths; empty for none.</param>
/// <param name="encode">Brings texts into the normal form that they have in URLs.</param>
internal sealed class PatternParser(string pattern, string prefix, Func<string, string> encode)
{
    private readonly List<PatternToken> _tokens = PatternTokenizer.Tokenize(pattern, lenient: false);
    private readonly List<PatternPart> _parts = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly StringBuilder _fixed = new();
    private int _index;

    /// <summary>Parses.</summary>
    /// <exception cref="FormatException">The pattern is not valid.</exception>
    public static List<PatternPart> Parse(string pattern, string prefix, Func<string, string> encode)
    {
        var parser = new PatternParser(pattern, prefix, encode);
        parser.Run();
        return parser._parts;
    }

    private void Run()
    {
        while (true)
        {
            var text = TryConsume(PatternTokenType.Char);
            var name = TryConsume(PatternTokenType.Name);
            var expression = TryConsumeExpression(name);
            if (name is not null || expression is not null)
            {
                var before = text?.Value ?? "";
                if (before != prefix)
                {
                    _fixed.Append(before);
                    before = "";
                }

                AddFixed();
                AddGroup(before, name, expression, "", Modifier());
                continue;
            }

            text ??= TryConsume(PatternTokenType.EscapedChar);
            if (text is { } literal)
            {
                _fixed.Append(literal.Value);
                continue;
            }

            if (TryConsume(PatternTokenType.Open) is not null)
            {
                var before = ConsumeText();
                name = TryConsume(PatternTokenType.Name);
                expression = TryConsumeExpression(name);
                var after = ConsumeText();
                Require(PatternTokenType.Close, "a brace is not closed");
                AddGroup(before, name, expression, after, Modifier());
                continue;
            }

            AddFixed();
            Require(PatternTokenType.End, "a modifier or brace stands where there is nothing for it");
            return;
        }
    }

    private void AddGroup(string before, PatternToken? name, PatternToken? expression, string after, string modifier)
    {
        if (name is null && expression is null)
        {
            if (modifier.Length == 0)
            {
                _fixed.Append(before);
                return;
            }

            AddFixed();
            if (before.Length > 0)
            {
                _parts.Add(new PatternPart(PatternPartType.FixedText, encode(before), modifier));
            }

            return;
        }

        AddFixed();
        if (name is { } named && !_names.Add(named.Value))
        {
            throw new FormatException($"the name :{named.Value} occurs twice");
        }

        var type = expression switch
        {
            null => PatternPartType.SegmentWildcard,
            { Type: PatternTokenType.Asterisk } or { Value: ".*" } => PatternPartType.FullWildcard,
            _ => PatternPartType.Regexp,
        };
        _parts.Add(new PatternPart(type, type == PatternPartType.Regexp ? expression!.Value.Value : "", modifier, encode(before), encode(after)));
    }

    private void AddFixed()
    {
        if (_fixed.Length > 0)
        {
            _parts.Add(new PatternPart(PatternPartType.FixedText, encode(_fixed.ToString()), ""));
            _fixed.Clear();
        }
    }

    private PatternToken? TryConsume(PatternTokenType type) => _tokens[_index].Type == type ? _tokens[_index++] : null;

    private PatternToken? TryConsumeExpression(PatternToken? name) =>
        TryConsume(PatternTokenType.Regexp) ?? (name is null ? TryConsume(PatternTokenType.Asterisk) : null);

    private string Modifier() => (TryConsume(PatternTokenType.OtherModifier) ?? TryConsume(PatternTokenType.Asterisk))?.Value ?? "";

    private string ConsumeText()
    {
        var text = new StringBuilder();
        while ((TryConsume(PatternTokenType.Char) ?? TryConsume(PatternTokenType.EscapedChar)) is { } token)
        {
            text.Append(token.Value);
        }

        return text.ToString();
    }

    private void Require(PatternTokenType type, string error)
    {
        if (TryConsume(type) is null)
        {
            throw new FormatException($"{error} (at character {_tokens[_index].Index + 1})");
        }
    }
}
