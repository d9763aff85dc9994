namespace Starling.Apps.Cache.Fetching;

/// <summary>Reads addresses of sources.</summary>
internal static class SourceUrl
{
    private const int MaxLength = 8192;

    /// <summary>The address in its usual form, without a fragment: two that name the same resource become one text.</summary>
    /// <exception cref="CacheException">It is none that can be fetched.</exception>
    public static Uri Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new CacheException(CacheError.BadUrl, $"An address has at most {MaxLength} characters; this one has {text.Length}.");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            throw new CacheException(CacheError.BadUrl, $"'{Shorten(text)}' is no address of a source; it should look like https://example.org/page.");
        }

        return url.UserInfo.Length > 0
            ? throw new CacheException(CacheError.BadUrl, "An address with a user's name and password is not fetched: the list would show it to everybody.")
            : new UriBuilder(url) { Fragment = "" }.Uri;
    }

    private static string Shorten(string text) => text.Length > 80 ? text[..80] + "…" : text;
}
