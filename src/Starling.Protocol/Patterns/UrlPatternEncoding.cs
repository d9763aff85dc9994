using System.Buffers;

namespace Starling.Protocol.Patterns;

/// <summary>Brings the texts of patterns into the form that the same texts have in URLs (URL Pattern Standard, section 3.1).</summary>
internal static class UrlPatternEncoding
{
    private static readonly SearchValues<char> Syntax = SearchValues.Create("+*?:{}()\\");

    public static string Protocol(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        return WebUrl.TryParse(text + "://dummy.invalid/", null, out var url) ? url.Scheme : throw new FormatException($"'{text}' is no scheme");
    }

    public static string UserInfo(string text) => PercentEncoding.Encode(text, PercentEncoding.UserInfo);

    public static string Domain(string text) =>
        WebHost.TryDomain(text, out var domain) ? domain : throw new FormatException($"'{text}' is no host");

    public static string OpaqueHost(string text) =>
        WebHost.TryParse(text, special: false, out var host) ? host : throw new FormatException($"'{text}' is no host");

    public static string IPv6(string text) => text.All(c => char.IsAsciiHexDigit(c) || c is '[' or ']' or ':')
        ? text.ToLowerInvariant()
        : throw new FormatException($"'{text}' is no IPv6 address");

    public static string Port(string text) => text.All(char.IsAsciiDigit) && (text.Length == 0 || ushort.TryParse(text, out _))
        ? text
        : throw new FormatException($"'{text}' is no port");

    public static string Pathname(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        // A piece that does not begin with a slash must not get one, nor be taken for a dot segment.
        return text[0] == '/' ? WebUrl.ParsePath(text, special: true, "") : WebUrl.ParsePath("/-" + text, special: true, "")[2..];
    }

    public static string OpaquePathname(string text) => PercentEncoding.Encode(text, PercentEncoding.Control);

    public static string Search(string text) => WebUrl.EncodeQuery(text, special: false);

    public static string Hash(string text) => PercentEncoding.Encode(text, PercentEncoding.Fragment);

    /// <summary>Escapes what would be syntax in a pattern.</summary>
    public static string Escape(string text) =>
        text.AsSpan().IndexOfAny(Syntax) < 0
        ? text
        : string.Concat(text.Select(c => Syntax.Contains(c) ? "\\" + c : c.ToString()));
}
