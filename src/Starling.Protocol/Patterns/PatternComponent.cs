namespace Starling.Protocol.Patterns;

/// <summary>The compiled pattern of one component of URLs. Immutable; matches in linear time.</summary>
internal sealed class PatternComponent
{
    private readonly string? _text;
    private readonly TextMatcher? _matcher;

    private PatternComponent(string? text, TextMatcher? matcher)
    {
        _text = text;
        _matcher = matcher;
    }

    /// <summary>Matches everything.</summary>
    public static PatternComponent Any { get; } = new(null, null);

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="delimiter">The character at which named groups end, or empty.</param>
    /// <param name="prefix">The character that belongs to the group after it, or empty.</param>
    /// <param name="encode">Brings texts into the normal form that they have in URLs.</param>
    /// <exception cref="FormatException">The pattern is not valid.</exception>
    public static PatternComponent Compile(string pattern, string delimiter, string prefix, Func<string, string> encode)
    {
        if (pattern == "*")
        {
            return Any;
        }

        var parts = PatternParser.Parse(pattern, prefix, encode);
        if (parts.All(part => part is { Type: PatternPartType.FixedText, Modifier: "" }))
        {
            return new PatternComponent(string.Concat(parts.Select(part => part.Value)), null);
        }

        var items = parts.Select(part => Shape(part, delimiter)).ToArray();
        return new PatternComponent(null, TextMatcher.Compile(new TextExpression.Sequence(items)));
    }

    /// <summary>The most steps that one character can cost; 0 for fixed texts.</summary>
    public int Weight => _matcher?.Weight ?? 0;

    public bool IsMatch(string input) =>
        _text is not null ? string.Equals(_text, input, StringComparison.Ordinal)
        : _matcher?.IsMatch(input) ?? true;

    private static TextExpression Shape(PatternPart part, string delimiter)
    {
        var before = new TextExpression.Text(part.Prefix);
        var after = new TextExpression.Text(part.Suffix);
        var once = part.Type switch
        {
            PatternPartType.FixedText => (TextExpression)new TextExpression.Text(part.Value),
            PatternPartType.SegmentWildcard => new TextExpression.Repeat(new TextExpression.OneOf(c => delimiter.Length == 0 || c != delimiter[0]), 1, null),
            PatternPartType.FullWildcard => new TextExpression.OneOf(static _ => true).Any(),
            _ => ExpressionParser.Parse(part.Value),
        };
        var several = new TextExpression.Sequence(before, once, new TextExpression.Sequence(after, before, once).Any(), after);
        return part.Modifier switch
        {
            "" => new TextExpression.Sequence(before, once, after),
            "?" => new TextExpression.Sequence(before, once, after).Optional(),
            "+" => several,
            _ => several.Optional(),
        };
    }
}
