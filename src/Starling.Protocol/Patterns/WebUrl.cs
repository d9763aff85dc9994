using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Starling.Protocol.Patterns;

/// <summary>A URL as browsers read it (URL Standard). Immutable.</summary>
/// <remarks>
/// <see cref="Uri"/> follows RFC 3986, which differs where it matters for matching: backslashes, default ports, the encoding of
/// characters, hosts that are numbers. Drive letters of file URLs get no special treatment.
/// </remarks>
public sealed class WebUrl
{
    private static readonly Dictionary<string, string> SpecialSchemes = new(StringComparer.Ordinal)
    {
        ["http"] = "80",
        ["https"] = "443",
        ["ws"] = "80",
        ["wss"] = "443",
        ["ftp"] = "21",
        ["file"] = "",
    };

    private WebUrl(string scheme) => Scheme = scheme;

    /// <summary>The scheme, in lower case, without the colon.</summary>
    public string Scheme { get; }

    /// <summary>The user name, percent-encoded; mostly empty.</summary>
    public string UserName { get; private init; } = "";

    /// <summary>The password, percent-encoded; mostly empty.</summary>
    public string Password { get; private init; } = "";

    /// <summary>The host in its normal form, or null.</summary>
    public string? Host { get; private init; }

    /// <summary>The port; empty when it is the scheme's own or there is none.</summary>
    public string Port { get; private init; } = "";

    /// <summary>The path, percent-encoded, without dot segments.</summary>
    public string Path { get; private init; } = "";

    /// <summary>Whether the path is one text and not segments, as in <c>urn:uuid:…</c>.</summary>
    public bool HasOpaquePath { get; private init; }

    /// <summary>The query without the question mark, or null.</summary>
    public string? Query { get; private init; }

    /// <summary>The fragment without the number sign, or null.</summary>
    public string? Fragment { get; private init; }

    /// <summary>The path with its percent-encoded unreserved characters decoded (RFC 3986, section 6.2.2.2), for comparisons.</summary>
    public string NormalizedPath => HasOpaquePath
        ? PercentEncoding.Decode(Path, IsUnreserved)
        : ParsePath(PercentEncoding.Decode(Path, IsUnreserved), IsSpecial(Scheme), "");

    /// <summary>Whether a scheme is one of those that always have an authority: http, https, ws, wss, ftp, file.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsSpecial(string scheme) => SpecialSchemes.ContainsKey(scheme);

    /// <summary>Whether a port is the one that a scheme has by itself.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="port">The port.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsDefaultPort(string scheme, string port) => SpecialSchemes.TryGetValue(scheme, out var usual) && usual == port;

    /// <summary>Reads a URL.</summary>
    /// <param name="input">An absolute URL, or one relative to <paramref name="baseUrl"/>.</param>
    /// <param name="baseUrl">The base, or null.</param>
    /// <param name="url">The URL.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string input, WebUrl? baseUrl, [NotNullWhen(true)] out WebUrl? url)
    {
        ArgumentNullException.ThrowIfNull(input);
        url = Parse(Clean(input), baseUrl);
        return url is not null;
    }

    /// <summary>Splits off the last path segment, for relative references.</summary>
    internal string Folder => Path[..(Path.LastIndexOf('/') + 1)];

    private static string Clean(string input)
    {
        var start = 0;
        var end = input.Length;
        while (start < end && input[start] <= ' ')
        {
            start++;
        }

        while (end > start && input[end - 1] <= ' ')
        {
            end--;
        }

        var trimmed = input[start..end];
        return trimmed.AsSpan().IndexOfAny('\t', '\n', '\r') < 0
            ? trimmed
            : string.Concat(trimmed.Where(c => c is not ('\t' or '\n' or '\r')));
    }

    private static WebUrl? Parse(string input, WebUrl? baseUrl)
    {
        var schemeLength = SchemeLength(input);
        if (schemeLength == 0)
        {
            return baseUrl is null ? null : ParseRelative(input, baseUrl);
        }

        var scheme = input[..schemeLength].ToLowerInvariant();
        var rest = input[(schemeLength + 1)..];
        if (!IsSpecial(scheme))
        {
            return rest.StartsWith("//", StringComparison.Ordinal) ? ParseAuthority(scheme, rest[2..])
                : rest.StartsWith('/') ? WithPath(new WebUrl(scheme), rest, "")
                : ParseOpaque(scheme, rest);
        }

        var slashes = rest.Length - rest.TrimStart('/', '\\').Length;
        if (slashes < 2 && baseUrl?.Scheme == scheme && !baseUrl.HasOpaquePath)
        {
            return ParseRelative(rest, baseUrl);
        }

        return ParseAuthority(scheme, scheme == "file" ? rest[Math.Min(slashes, 2)..] : rest[slashes..]);
    }

    private static WebUrl? ParseRelative(string input, WebUrl baseUrl)
    {
        if (baseUrl.HasOpaquePath)
        {
            return input.StartsWith('#') ? Copy(baseUrl, baseUrl.Path, baseUrl.Query, input[1..]) : null;
        }

        var special = IsSpecial(baseUrl.Scheme);
        if (IsSlash(input, 0, special) && IsSlash(input, 1, special))
        {
            return ParseAuthority(baseUrl.Scheme, input[2..]);
        }

        if (IsSlash(input, 0, special))
        {
            return WithPath(baseUrl, input, "");
        }

        var (path, query, fragment) = Split(input);
        if (path.Length > 0)
        {
            return WithPath(baseUrl, input, baseUrl.Folder);
        }

        return Copy(baseUrl, baseUrl.Path, query is null ? baseUrl.Query : EncodeQuery(query, special), fragment);
    }

    private static WebUrl? ParseAuthority(string scheme, string rest)
    {
        var special = IsSpecial(scheme);
        var end = special ? rest.AsSpan().IndexOfAny("/\\?#") : rest.AsSpan().IndexOfAny("/?#");
        var authority = end < 0 ? rest : rest[..end];
        var at = authority.LastIndexOf('@');
        var (user, password) = at < 0 ? ("", "") : Credentials(authority[..at]);
        var host = authority[(at + 1)..];
        var port = "";
        var colon = host.LastIndexOf(':');
        if (colon >= 0 && host.IndexOf(']', colon) < 0)
        {
            (host, port) = (host[..colon], host[(colon + 1)..]);
        }

        if (!TryPort(scheme, port, out port) || !WebHost.TryParse(host, special, out var parsed))
        {
            return null;
        }

        if (parsed.Length == 0 && ((special && scheme != "file") || at >= 0 || port.Length > 0))
        {
            return null;
        }

        var url = new WebUrl(scheme)
        {
            UserName = user,
            Password = password,
            Host = scheme == "file" && parsed == "localhost" ? "" : parsed,
            Port = port,
        };
        return WithPath(url, end < 0 ? "" : rest[end..], "");
    }

    private static bool TryPort(string scheme, string text, out string port)
    {
        port = "";
        if (text.Length == 0)
        {
            return true;
        }

        if (!text.All(char.IsAsciiDigit) || !ushort.TryParse(text.TrimStart('0') is { Length: > 0 } digits ? digits : "0", out var number))
        {
            return false;
        }

        var normal = number.ToString(CultureInfo.InvariantCulture);
        port = IsDefaultPort(scheme, normal) ? "" : normal;
        return true;
    }

    private static WebUrl ParseOpaque(string scheme, string rest)
    {
        var (path, query, fragment) = Split(rest);
        return new WebUrl(scheme)
        {
            Path = PercentEncoding.Encode(path, PercentEncoding.Control),
            HasOpaquePath = true,
            Query = query is null ? null : EncodeQuery(query, special: false),
            Fragment = fragment is null ? null : PercentEncoding.Encode(fragment, PercentEncoding.Fragment),
        };
    }

    private static WebUrl WithPath(WebUrl url, string rest, string folder)
    {
        var special = IsSpecial(url.Scheme);
        var (path, query, fragment) = Split(rest);
        var full = special || path.Length > 0 ? ParsePath(path, special, folder) : "";
        return Copy(url, full, query is null ? null : EncodeQuery(query, special), fragment);
    }

    private static WebUrl Copy(WebUrl url, string path, string? query, string? fragment) => new(url.Scheme)
    {
        UserName = url.UserName,
        Password = url.Password,
        Host = url.Host,
        Port = url.Port,
        Path = path,
        HasOpaquePath = url.HasOpaquePath,
        Query = query,
        Fragment = fragment is null ? null : PercentEncoding.Encode(fragment, PercentEncoding.Fragment),
    };

    /// <summary>Resolves dot segments and encodes the rest.</summary>
    internal static string ParsePath(string path, bool special, string folder)
    {
        if (special)
        {
            path = path.Replace('\\', '/');
        }

        var segments = new List<string>();
        if (folder.Length > 1)
        {
            segments.AddRange(folder[1..^1].Split('/'));
        }

        var parts = (path.StartsWith('/') ? path[1..] : path).Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            var name = parts[i].Replace("%2e", ".", StringComparison.OrdinalIgnoreCase);
            if (name == "..")
            {
                if (segments.Count > 0)
                {
                    segments.RemoveAt(segments.Count - 1);
                }
            }
            else if (name != ".")
            {
                segments.Add(PercentEncoding.Encode(parts[i], PercentEncoding.Path));
                continue;
            }

            if (isLast)
            {
                segments.Add("");
            }
        }

        return "/" + string.Join('/', segments);
    }

    internal static string EncodeQuery(string query, bool special) =>
        PercentEncoding.Encode(query, special ? PercentEncoding.SpecialQuery : PercentEncoding.Query);

    private static (string User, string Password) Credentials(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? (PercentEncoding.Encode(text, PercentEncoding.UserInfo), "")
            : (PercentEncoding.Encode(text[..colon], PercentEncoding.UserInfo), PercentEncoding.Encode(text[(colon + 1)..], PercentEncoding.UserInfo));
    }

    private static (string Path, string? Query, string? Fragment) Split(string rest)
    {
        string? query = null, fragment = null;
        var hash = rest.IndexOf('#', StringComparison.Ordinal);
        if (hash >= 0)
        {
            (rest, fragment) = (rest[..hash], rest[(hash + 1)..]);
        }

        var mark = rest.IndexOf('?', StringComparison.Ordinal);
        if (mark >= 0)
        {
            (rest, query) = (rest[..mark], rest[(mark + 1)..]);
        }

        return (rest, query, fragment);
    }

    private static int SchemeLength(string input)
    {
        if (input.Length == 0 || !char.IsAsciiLetter(input[0]))
        {
            return 0;
        }

        for (var i = 1; i < input.Length; i++)
        {
            if (input[i] == ':')
            {
                return i;
            }

            if (!char.IsAsciiLetterOrDigit(input[i]) && input[i] is not ('+' or '-' or '.'))
            {
                return 0;
            }
        }

        return 0;
    }

    private static bool IsSlash(string input, int index, bool special) =>
        index < input.Length && (input[index] == '/' || (special && input[index] == '\\'));

    private static bool IsUnreserved(byte value) =>
        char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';
}
