using System.Text;
using System.Text.RegularExpressions;

namespace Starling.Supervisor.Health;

/// <summary>A pattern of paths with <c>/</c>: <c>*</c> within a name, <c>**</c> over folders, <c>?</c>, <c>[abc]</c>, <c>{a,b}</c>. Immutable.</summary>
internal sealed class Glob
{
    private readonly Regex _expression;

    private Glob(Regex expression)
    {
        _expression = expression;
    }

    public static bool IsPattern(string text) => text.AsSpan().ContainsAny("*?{[");

    public static Glob Parse(string pattern)
    {
        var text = new StringBuilder("^");
        var braces = 0;
        for (var at = 0; at < pattern.Length; at++)
        {
            var character = pattern[at];
            if (character == '*' && at + 1 < pattern.Length && pattern[at + 1] == '*')
            {
                // **/ may stand for no folder at all.
                var isFolder = at + 2 < pattern.Length && pattern[at + 2] == '/';
                text.Append(isFolder ? "(?:.*/)?" : ".*");
                at += isFolder ? 2 : 1;
            }
            else if (character == '[' && pattern.IndexOf(']', at + 1) is > 0 and var end && end > at + 1)
            {
                var inner = pattern[(at + 1)..end];
                text.Append('[').Append(inner[0] == '!' ? "^" + Escaped(inner[1..]) : Escaped(inner)).Append(']');
                at = end;
            }
            else
            {
                braces += character == '{' ? 1 : character == '}' && braces > 0 ? -1 : 0;
                text.Append(character switch
                {
                    '*' => "[^/]*",
                    '?' => "[^/]",
                    '{' => "(?:",
                    '}' when pattern.LastIndexOf('{', at) >= 0 => ")",
                    ',' when braces > 0 => "|",
                    _ => Regex.Escape(character.ToString()),
                });
            }
        }

        text.Append(')', braces).Append('$');
        return new Glob(new Regex(text.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }

    public bool IsMatch(string path) => _expression.IsMatch(path);

    private static string Escaped(string inner) => inner.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("^", "\\^", StringComparison.Ordinal);
}
