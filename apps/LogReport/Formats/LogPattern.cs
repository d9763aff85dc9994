using System.Text.RegularExpressions;

namespace Starling.Apps.LogReport.Formats;

/// <summary>Makes a regular expression of a user's text.</summary>
internal static class LogPattern
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(250);

    /// <summary>Names of the groups that mean something.</summary>
    public static IReadOnlyList<string> Groups { get; } = ["host", "time", "request", "path", "status", "bytes", "latency"];

    /// <exception cref="PatternException">The text is no expression, or has no group that means something.</exception>
    public static Regex Create(string pattern)
    {
        var result = Compile(pattern);
        var names = result.GetGroupNames().Where(name => !char.IsAsciiDigit(name[0])).ToArray();
        if (names.FirstOrDefault(name => !Groups.Contains(name)) is { } unknown)
        {
            throw new PatternException($"The pattern has a group '{unknown}', which means nothing here; use {string.Join(", ", Groups)}.");
        }

        return names.Length > 0
            ? result
            : throw new PatternException(@"The pattern has no named group, so there is nothing to count; write for instance (?<host>\S+). Groups: " + string.Join(", ", Groups) + ".");
    }

    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            // Looking around and back needs backtracking, which may take for ever on a line made for it.
            return new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant, Limit);
        }
        catch (RegexParseException exception)
        {
            throw new PatternException($"The pattern is no regular expression, at character {exception.Offset + 1}: {exception.Message}\n  {pattern}\n  {new string(' ', exception.Offset)}^");
        }
    }
}
