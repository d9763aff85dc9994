using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Starling.Protocol.Patterns;

/// <summary>
/// A URI template (RFC 6570, all levels) used the other way round: says whether a text can be an expansion of it. Immutable and
/// thread-safe; matching takes linear time.
/// </summary>
public sealed class UriTemplate
{
    private static readonly TextExpression Encoded = new TextExpression.Sequence(
        new TextExpression.Text("%"), new TextExpression.OneOf(char.IsAsciiHexDigit), new TextExpression.OneOf(char.IsAsciiHexDigit));

    private static readonly TextExpression Unreserved = new TextExpression.Choice(new TextExpression.OneOf(IsUnreserved), Encoded);

    private static readonly TextExpression Reserved = new TextExpression.Choice(
        new TextExpression.OneOf(static c => IsUnreserved(c) || ":/?#[]@!$&'()*+,;=".Contains(c, StringComparison.Ordinal)), Encoded);

    private readonly TextMatcher _matcher;

    private UriTemplate(TextMatcher matcher) => _matcher = matcher;

    /// <summary>The most steps that one character of a text can cost. For limits on the templates of strangers.</summary>
    public int Weight => _matcher.Weight;

    /// <summary>Reads a template.</summary>
    /// <param name="template">The template; at most <see cref="UrlPattern.MaxLength"/> characters.</param>
    /// <param name="result">The template.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <returns>Whether it is valid.</returns>
    public static bool TryParse(string template, [NotNullWhen(true)] out UriTemplate? result, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(template);
        result = null;
        error = template.Length > UrlPattern.MaxLength ? $"it has more than {UrlPattern.MaxLength} characters" : null;
        var expression = new List<TextExpression>();
        for (var i = 0; i < template.Length && error is null;)
        {
            var brace = template.IndexOfAny(['{', '}'], i);
            var end = brace < 0 ? template.Length : brace;
            expression.Add(new TextExpression.Text(template[i..end]));
            if (brace < 0)
            {
                break;
            }

            var close = template.IndexOf('}', brace);
            error = template[brace] == '}' || close < 0
                ? $"a brace at character {brace + 1} has no partner"
                : Append(expression, template[(brace + 1)..close]);
            i = close + 1;
        }

        if (error is not null)
        {
            return false;
        }

        try
        {
            result = new UriTemplate(TextMatcher.Compile(new TextExpression.Sequence([.. expression])));
            return true;
        }
        catch (FormatException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    /// <summary>Whether a text can be an expansion.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Whether it can.</returns>
    public bool IsMatch(string text) => _matcher.IsMatch(text);

    // Letters and digits of all languages, as IRIs have them.
    private static bool IsUnreserved(char c) =>
        char.IsLetter(c) || char.GetUnicodeCategory(c) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        || c is '-' or '.' or '_' or '~';

    private static string? Append(List<TextExpression> expression, string content)
    {
        // RFC 6570, appendix A: first character, separator, whether names are written, what values may hold.
        var (first, separator, named, value) = content.Length == 0 ? default : content[0] switch
        {
            '+' => ("", ",", false, Reserved),
            '#' => ("#", ",", false, Reserved),
            '.' => (".", ".", false, Unreserved),
            '/' => ("/", "/", false, Unreserved),
            ';' => (";", ";", true, Unreserved),
            '?' => ("?", "&", true, Unreserved),
            '&' => ("&", "&", true, Unreserved),
            _ => ("", ",", false, Unreserved),
        };
        if (content.Length == 0 || value is null)
        {
            return "an expression is empty";
        }

        var names = (char.IsLetterOrDigit(content[0]) || content[0] is '_' or '%' ? content : content[1..]).Split(',');
        var variables = new List<TextExpression>();
        foreach (var name in names)
        {
            if (Variable(name, separator, named, value) is not { } variable)
            {
                return $"'{name}' is no variable";
            }

            variables.Add(variable);
        }

        // Every variable may be undefined, and then the separator is left out as well. Those without names look alike if their ends do.
        var one = new TextExpression.Choice([.. named ? variables : names.Zip(variables).DistinctBy(static pair => Modifier(pair.First)).Select(static pair => pair.Second)]);
        var more = new TextExpression.Sequence(new TextExpression.Text(separator), one);
        expression.Add(new TextExpression.Sequence(
            new TextExpression.Text(first), one, new TextExpression.Repeat(more, 0, variables.Count - 1)).Optional());
        return null;
    }

    private static string Modifier(string spec) => spec.IndexOfAny([':', '*']) is >= 0 and var start ? spec[start..] : "";

    private static TextExpression.Sequence? Variable(string spec, string separator, bool named, TextExpression value)
    {
        var explode = spec.EndsWith('*');
        var name = explode ? spec[..^1] : spec;
        var longest = default(int?);
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            if (explode || !int.TryParse(name.AsSpan(colon + 1), out var length) || length is < 1 or > 9999)
            {
                return null;
            }

            longest = length;
            name = name[..colon];
        }

        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '%'))
        {
            return null;
        }

        var any = value.Any();
        if (explode)
        {
            var item = new TextExpression.Sequence(any, new TextExpression.Sequence(new TextExpression.Text("="), any).Optional());
            return new TextExpression.Sequence(item, new TextExpression.Sequence(new TextExpression.Text(separator), item).Any());
        }

        var one = new TextExpression.Repeat(value, 0, longest);
        var list = new TextExpression.Sequence(one, new TextExpression.Sequence(new TextExpression.Text(","), one).Any());
        return named
            ? new TextExpression.Sequence(new TextExpression.Text(name), new TextExpression.Sequence(new TextExpression.Text("="), list).Optional())
            : list;
    }
}
