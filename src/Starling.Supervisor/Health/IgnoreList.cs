using System.Text.RegularExpressions;

namespace Starling.Supervisor.Health;

/// <summary>
/// What is not watched. A name alone means files and folders of that name anywhere; a path begins in the base folder; a pattern without a slash is matched
/// with names, one with a slash with paths; what is in an ignored folder is ignored; <c>!</c> takes back what an earlier one said; <c>regex:</c> begins a
/// regular expression for the whole path. Immutable.
/// </summary>
internal sealed class IgnoreList
{
    private const string RegexPrefix = "regex:";
    private static readonly TimeSpan RegexLimit = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Usual = [".*", "node_modules", "logs"];
    private readonly string _folder;
    private readonly List<(Func<string, bool> IsMatch, bool Ignores)> _rules = [];

    public IgnoreList(string folder, IReadOnlyList<string> patterns)
    {
        _folder = folder;
        foreach (var pattern in patterns.Count == 0 ? Usual : patterns)
        {
            var isTakenBack = pattern.StartsWith('!');
            _rules.Add((Rule(isTakenBack ? pattern[1..] : pattern), !isTakenBack));
        }
    }

    public bool Ignores(string path)
    {
        var relative = Path.GetRelativePath(_folder, path).Replace('\\', '/');
        var ignored = false;

        // From the outermost folder in, so that a rule for a folder holds for all in it unless taken back.
        for (var end = relative.IndexOf('/'); ; end = end < 0 ? -1 : relative.IndexOf('/', end + 1))
        {
            var part = end < 0 ? relative : relative[..end];
            foreach (var (isMatch, ignores) in _rules)
            {
                if (part is not ("." or "..") && isMatch(part))
                {
                    ignored = ignores;
                }
            }

            if (end < 0)
            {
                return ignored;
            }
        }
    }

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private Func<string, bool> Rule(string pattern)
    {
        if (pattern.StartsWith(RegexPrefix, StringComparison.Ordinal))
        {
            var expression = new Regex(pattern[RegexPrefix.Length..], RegexOptions.CultureInvariant, RegexLimit);
            return path => IsMatch(expression, Path.Combine(_folder, path));
        }

        var text = pattern.TrimEnd('/');
        text = Path.IsPathRooted(text) ? Path.GetRelativePath(_folder, text) : text;
        text = text.StartsWith("./", StringComparison.Ordinal) ? text[2..] : text;
        var hasSlash = text.Contains('/');
        if (!Glob.IsPattern(text))
        {
            return hasSlash ? path => path == text : path => Name(path) == text;
        }

        // dir/** means the folder as well.
        var glob = Glob.Parse(text.EndsWith("/**", StringComparison.Ordinal) ? text[..^3] : text);
        return hasSlash ? glob.IsMatch : path => glob.IsMatch(Name(path));
    }

    private static bool IsMatch(Regex expression, string path)
    {
        try
        {
            return expression.IsMatch(path);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
