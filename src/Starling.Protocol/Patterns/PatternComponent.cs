using System.Text;
using System.Text.RegularExpressions;

namespace Starling.Protocol.Patterns;

/// <summary>The compiled pattern of one component of URLs. Immutable; matches in linear time.</summary>
internal sealed class PatternComponent
{
    private readonly string? _text;
    private readonly TextMatcher? _matcher;
    private readonly Regex? _regex;

    private PatternComponent(string? text, TextMatcher? matcher, Regex? regex)
    {
        _text = text;
        _matcher = matcher;
        _regex = regex;
    }

    /// <summary>Matches everything.</summary>
    public static PatternComponent Any { get; } = new(null, null, null);

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
            return new PatternComponent(string.Concat(parts.Select(part => part.Value)), null, null);
        }

        if (parts.All(part => part.Type != PatternPartType.Regexp))
        {
            var items = parts.Select(part => Shape(part, delimiter)).ToArray();
            return new PatternComponent(null, TextMatcher.Compile(new TextExpression.Sequence(items)), null);
        }

        try
        {
            return new PatternComponent(null, null, new Regex(
                Expression(parts, delimiter), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"the expression cannot be used here: {exception.Message}", exception);
        }
    }

    public bool IsMatch(string input) =>
        _text is not null ? string.Equals(_text, input, StringComparison.Ordinal)
        : _matcher is not null ? _matcher.IsMatch(input)
        : _regex?.IsMatch(input) ?? true;

    private static TextExpression Shape(PatternPart part, string delimiter)
    {
        var before = new TextExpression.Text(part.Prefix);
        var after = new TextExpression.Text(part.Suffix);
        var once = part.Type switch
        {
            PatternPartType.FixedText => (TextExpression)new TextExpression.Text(part.Value),
            PatternPartType.SegmentWildcard => new TextExpression.Repeat(new TextExpression.OneOf(c => delimiter.Length == 0 || c != delimiter[0]), 1, null),
            _ => new TextExpression.OneOf(static _ => true).Any(),
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

    private static string Expression(List<PatternPart> parts, string delimiter)
    {
        var expression = new StringBuilder(@"\A");
        foreach (var part in parts)
        {
            var once = part.Type switch
            {
                PatternPartType.FixedText => Regex.Escape(part.Value),
                PatternPartType.SegmentWildcard => delimiter.Length == 0 ? @"[\s\S]+" : $"[^{Regex.Escape(delimiter)}]+",
                PatternPartType.FullWildcard => @"[\s\S]*",
                _ => part.Value,
            };
            var (before, after) = (Regex.Escape(part.Prefix), Regex.Escape(part.Suffix));
            expression.Append(part.Modifier switch
            {
                "" or "?" => $"(?:{before}(?:{once}){after}){part.Modifier}",
                "+" => $"(?:{before}(?:{once})(?:{after}{before}(?:{once}))*{after})",
                _ => $"(?:{before}(?:{once})(?:{after}{before}(?:{once}))*{after})?",
            });
        }

        return expression.Append(@"\z").ToString();
    }
}
