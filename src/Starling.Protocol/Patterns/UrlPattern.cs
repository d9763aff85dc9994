using System.Diagnostics.CodeAnalysis;

namespace Starling.Protocol.Patterns;

/// <summary>
/// A pattern of URLs (URL Pattern Standard, without <c>ignoreCase</c>), for example <c>https://example.com/books/:id</c>. Immutable and
/// thread-safe; matching takes time linear in the length of the URL.
/// </summary>
public sealed class UrlPattern
{
    /// <summary>The most characters of a pattern.</summary>
    public const int MaxLength = 4096;

    private readonly WebUrl? _baseUrl;
    private readonly PatternComponent _protocol;
    private readonly PatternComponent _userName;
    private readonly PatternComponent _password;
    private readonly PatternComponent _hostname;
    private readonly PatternComponent _port;
    private readonly PatternComponent _pathname;
    private readonly PatternComponent _search;
    private readonly PatternComponent _hash;

    private UrlPattern(Dictionary<PatternField, string> fields, WebUrl? baseUrl)
    {
        _baseUrl = baseUrl;
        var protocol = fields.GetValueOrDefault(PatternField.Protocol, "*");
        _protocol = PatternComponent.Compile(protocol, "", "", UrlPatternEncoding.Protocol);
        _userName = PatternComponent.Compile(fields.GetValueOrDefault(PatternField.UserName, "*"), "", "", UrlPatternEncoding.UserInfo);
        _password = PatternComponent.Compile(fields.GetValueOrDefault(PatternField.Password, "*"), "", "", UrlPatternEncoding.UserInfo);
        var isSpecial = MatchesSpecialScheme(_protocol);
        var hostname = fields.GetValueOrDefault(PatternField.Hostname, "*");
        _hostname = PatternComponent.Compile(
            hostname, ".", "",
            IsIPv6(hostname) ? UrlPatternEncoding.IPv6 : isSpecial ? UrlPatternEncoding.Domain : UrlPatternEncoding.OpaqueHost);
        var port = fields.GetValueOrDefault(PatternField.Port, "*");
        _port = PatternComponent.Compile(WebUrl.IsDefaultPort(protocol, port) ? "" : port, "", "", UrlPatternEncoding.Port);
        var pathname = fields.GetValueOrDefault(PatternField.Pathname, "*");
        _pathname = isSpecial
            ? PatternComponent.Compile(pathname, "/", "/", UrlPatternEncoding.Pathname)
            : PatternComponent.Compile(pathname, "", "", UrlPatternEncoding.OpaquePathname);
        _search = PatternComponent.Compile(fields.GetValueOrDefault(PatternField.Search, "*"), "", "", UrlPatternEncoding.Search);
        _hash = PatternComponent.Compile(fields.GetValueOrDefault(PatternField.Hash, "*"), "", "", UrlPatternEncoding.Hash);
    }

    /// <summary>
    /// The most steps that one character of a URL can cost: 0 for fixed texts, about 5 for a wildcard, more with each one, with text after
    /// it and with the size of expressions in parentheses. For limits on the patterns of strangers.
    /// </summary>
    public int Weight => _protocol.Weight + _userName.Weight + _password.Weight + _hostname.Weight + _port.Weight
        + _pathname.Weight + _search.Weight + _hash.Weight;

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern, absolute or relative to <paramref name="baseUrl"/>; at most <see cref="MaxLength"/> characters.</param>
    /// <param name="baseUrl">The base of relative patterns and relative URLs, or null.</param>
    /// <param name="result">The pattern.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <returns>Whether it is valid.</returns>
    public static bool TryParse(
        string pattern, string? baseUrl, [NotNullWhen(true)] out UrlPattern? result, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        result = null;
        error = null;
        WebUrl? parsedBase = null;
        if (baseUrl is not null && !WebUrl.TryParse(baseUrl, null, out parsedBase))
        {
            error = $"the base '{baseUrl}' is no URL";
        }
        else if (pattern.Length > MaxLength)
        {
            error = $"it has more than {MaxLength} characters";
        }

        if (error is not null)
        {
            return false;
        }

        try
        {
            var fields = PatternStringParser.Parse(pattern);
            if (!fields.ContainsKey(PatternField.Protocol) && parsedBase is null)
            {
                error = "a relative pattern needs a base URL";
                return false;
            }

            Inherit(fields, parsedBase);
            result = new UrlPattern(fields, parsedBase);
            return true;
        }
        catch (FormatException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    /// <summary>Whether a URL matches.</summary>
    /// <param name="url">An absolute URL, or one relative to the pattern's base. What is no URL does not match.</param>
    /// <returns>Whether it matches.</returns>
    public bool IsMatch(string url) => Read(url) is { } parsed && IsMatch(parsed);

    /// <summary>Reads a URL with the pattern's base, for <see cref="IsMatch(WebUrl)"/> of several patterns with the same base.</summary>
    /// <param name="url">An absolute URL, or one relative to the base.</param>
    /// <returns>The URL, or null if the text is not one.</returns>
    public WebUrl? Read(string url) => WebUrl.TryParse(url, _baseUrl, out var parsed) ? parsed : null;

    /// <summary>Whether a URL matches that was read before, as is worth while where many patterns are tried.</summary>
    /// <param name="parsed">The URL, read with the pattern's base.</param>
    /// <returns>Whether it matches.</returns>
    public bool IsMatch(WebUrl parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return _protocol.IsMatch(parsed.Scheme) && _hostname.IsMatch(parsed.Host ?? "") && _pathname.IsMatch(parsed.Path)
            && _port.IsMatch(parsed.Port) && _search.IsMatch(parsed.Query ?? "") && _hash.IsMatch(parsed.Fragment ?? "")
            && _userName.IsMatch(parsed.UserName) && _password.IsMatch(parsed.Password);
    }

    /// <summary>Whether one of the special schemes matches.</summary>
    internal static bool MatchesSpecialScheme(PatternComponent protocol) =>
        protocol.IsMatch("https") || protocol.IsMatch("http") || protocol.IsMatch("wss") || protocol.IsMatch("ws")
        || protocol.IsMatch("ftp") || protocol.IsMatch("file");

    // A component is taken from the base when the pattern names neither it nor one before it.
    private static void Inherit(Dictionary<PatternField, string> fields, WebUrl? baseUrl)
    {
        if (baseUrl is null)
        {
            return;
        }

        var given = fields.Keys.Where(field => field is not (PatternField.UserName or PatternField.Password)).DefaultIfEmpty(PatternField.Done).Min();
        Take(PatternField.Protocol, baseUrl.Scheme);
        Take(PatternField.Hostname, baseUrl.Host ?? "");
        Take(PatternField.Port, baseUrl.Port);
        if (fields.TryGetValue(PatternField.Pathname, out var path) && !baseUrl.HasOpaquePath && !IsAbsolute(path))
        {
            // As the standard has it, with an explicit scheme too: data\:x only matches data:x where there is no base.
            fields[PatternField.Pathname] = UrlPatternEncoding.Escape(baseUrl.Folder) + path;
        }

        Take(PatternField.Pathname, baseUrl.Path);
        Take(PatternField.Search, baseUrl.Query ?? "");
        Take(PatternField.Hash, baseUrl.Fragment ?? "");

        void Take(PatternField field, string value)
        {
            if (field < given)
            {
                fields[field] = UrlPatternEncoding.Escape(value);
            }
        }
    }

    private static bool IsAbsolute(string path) =>
        path.StartsWith('/') || path.StartsWith("\\/", StringComparison.Ordinal) || path.StartsWith("{/", StringComparison.Ordinal);

    private static bool IsIPv6(string hostname) => hostname.StartsWith('[') || hostname.StartsWith("{[", StringComparison.Ordinal)
        || hostname.StartsWith("\\[", StringComparison.Ordinal);
}
