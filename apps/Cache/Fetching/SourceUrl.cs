using System.Text;

namespace Starling.Apps.Cache.Fetching;

/// <summary>Reads addresses of sources.</summary>
internal static class SourceUrl
{
    private const int MaxLength = 8192;

    /// <summary>The address in its usual form, without a fragment: two that name the same resource become one text.</summary>
    /// <exception cref="CacheException">It is none that can be fetched.</exception>
    public static Uri Parse(string text)
    {
        ThrowIfTooLong(text);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            throw new CacheException(CacheError.BadUrl, $"'{Shorten(text)}' is no address of a source; it should look like https://example.org/page.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new CacheException(CacheError.BadUrl, "An address with a user's name and password is not fetched: the list would show it to everybody.");
        }

        var usual = new UriBuilder(url) { Host = HostOf(url), Fragment = "" }.Uri;
        ThrowIfTooLong(usual.AbsoluteUri);
        return usual;
    }

    /// <summary>The host as it is asked for: a name beyond ASCII has one form that programs use (Punycode) and many that people do.</summary>
    private static string HostOf(Uri url)
    {
        try
        {
            var host = url.HostNameType == UriHostNameType.Dns ? url.IdnHost : url.Host;
            return Ascii.IsValid(host)
                ? host
                : throw new CacheException(CacheError.BadUrl, $"'{Shorten(host)}' is no name of a host; a part of it has at most 63 letters and begins with no dash.");
        }
        catch (UriFormatException e)
        {
            throw new CacheException(CacheError.BadUrl, $"'{Shorten(url.Host)}' is no name of a host: {e.Message}", e);
        }
    }

    private static void ThrowIfTooLong(string text)
    {
        if (text.Length > MaxLength)
        {
            var count = $"counted as it is sent, where a letter beyond ASCII takes several; this one has {text.Length}";
            throw new CacheException(CacheError.BadUrl, $"An address has at most {MaxLength} characters, {count}.");
        }
    }

    private static string Shorten(string text) => text.Length > 80 ? text[..80] + "…" : text;
}
