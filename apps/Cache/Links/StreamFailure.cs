namespace Starling.Apps.Cache.Links;

/// <summary>
/// A <see cref="CacheException"/> in the midst of a stream. Of an exception there only the text reaches the other side, so the text
/// carries the number.
/// </summary>
internal static class StreamFailure
{
    private const string Mark = "[cache error ";

    public static IOException Create(CacheException exception) => new($"{Mark}{(int)exception.Error}] {exception.Message}", exception);

    /// <summary>What the sender meant, or null when the failure is not one of ours.</summary>
    public static CacheException? Read(Exception? exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is CacheException known)
            {
                return known;
            }
        }

        var text = exception?.Message ?? "";
        var start = text.IndexOf(Mark, StringComparison.Ordinal);
        var end = start < 0 ? -1 : text.IndexOf("] ", start, StringComparison.Ordinal);
        return end > 0 && int.TryParse(text.AsSpan((start + Mark.Length)..end), out var number) && Enum.IsDefined((CacheError)number)
            ? new CacheException((CacheError)number, text[(end + 2)..], exception)
            : null;
    }
}
