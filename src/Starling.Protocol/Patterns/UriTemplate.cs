using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Starling.Protocol.Patterns;

/// <summary>
/// A URI template (RFC 6570, all levels) used the other way round: says whether a text can be an expansion of it. Immutable and
/// thread-safe; matching takes linear time.
/// </summary>
public sealed class UriTemplate
{
    private const string Unreserved = @"(?:[\p{L}\p{N}\-._~]|%[0-9A-Fa-f]{2})";
    private const string Reserved = @"(?:[\p{L}\p{N}\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})";

    private readonly Regex _regex;

    private UriTemplate(Regex regex) => _regex = regex;

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
        var expression = new StringBuilder(@"\A");
        for (var i = 0; i < template.Length && error is null;)
        {
            var brace = template.IndexOfAny(['{', '}'], i);
            var end = brace < 0 ? template.Length : brace;
            expression.Append(Regex.Escape(template[i..end]));
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
            result = new UriTemplate(new Regex(expression.Append(@"\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
            return true;
        }
        catch (NotSupportedException)
        {
            error = "it is too complex to match";
            return false;
        }
    }

    /// <summary>Whether a text can be an expansion.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Whether it can.</returns>
    public bool IsMatch(string text) => _regex.IsMatch(text);

    private static string? Append(StringBuilder expression, string content)
    {
        // RFC 6570, appendix A: first character, separator, whether names are written, what values may hold.
        var (first, separator, named, value) = content.Length == 0 ? default : content[0] switch
        {
            '+' => ("", ",", false, Reserved),
            '#' => ("#", ",", false, Reserved),
            '.' => (@"\.", @"\.", false, Unreserved),
            '/' => ("/", "/", false, Unreserved),
            ';' => (";", ";", true, Unreserved),
            '?' => (@"\?", "&", true, Unreserved),
            '&' => ("&", "&", true, Unreserved),
            _ => ("", ",", false, Unreserved),
        };
        if (content.Length == 0 || value is null)
        {
            return "an expression is empty";
        }

        var names = (char.IsLetterOrDigit(content[0]) || content[0] is '_' or '%' ? content : content[1..]).Split(',');
        var variables = new List<string>();
        foreach (var name in names)
        {
            if (Variable(name, separator, named, value) is not { } variable)
            {
                return $"'{name}' is no variable";
            }

            variables.Add(variable);
        }

        // Every variable may be undefined, and then the separator is left out as well.
        expression.Append("(?:").Append(first).Append("(?:").AppendJoin("|", variables).Append(")(?:").Append(separator).Append("(?:")
            .AppendJoin("|", variables).Append(@")){0,").Append(variables.Count - 1).Append("})?");
        return null;
    }

    private static string? Variable(string spec, string separator, bool named, string value)
    {
        var explode = spec.EndsWith('*');
        var name = explode ? spec[..^1] : spec;
        var quantity = "*";
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            if (explode || !int.TryParse(name.AsSpan(colon + 1), out var length) || length is < 1 or > 9999)
            {
                return null;
            }

            quantity = $"{{0,{Math.Min(length, 1000)}}}";
            name = name[..colon];
        }

        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '%'))
        {
            return null;
        }

        var one = value + quantity;
        if (explode)
        {
            var item = $"{value}*(?:={value}*)?";
            return $"{item}(?:{separator}{item})*";
        }

        var list = $"{one}(?:,{one})*";
        return named ? $"{Regex.Escape(name)}(?:={list})?" : list;
    }
}
