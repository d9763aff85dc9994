namespace Starling.Apps.Cache.Console;

/// <summary>Reads the name of a file as people write it for a shell.</summary>
internal static class FileName
{
    /// <summary>The path: without quotes, and with the user's folder in place of <c>~/</c>.</summary>
    /// <param name="text">What follows <c>&gt;</c>, not empty.</param>
    /// <exception cref="CacheException">It is no name of a new file.</exception>
    public static string Read(string text)
    {
        if (text[0] == '>')
        {
            throw new CacheException(CacheError.BadCommand, "Nothing is appended to a file; get N > FILE writes a new one.");
        }

        if (text[0] is '"' or '\'')
        {
            return text.IndexOf(text[0], 1) is var end && end > 1 && end == text.Length - 1
                ? text[1..end]
                : throw new CacheException(CacheError.BadCommand, $"A name in quotes ends with the {text[0]} with which it begins; nothing follows it.");
        }

        return text.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), text[2..])
            : text;
    }
}
