using System.Net.Http.Headers;
using System.Text;
using Starling.Apps.Cache.Links;
using Starling.Messaging.Text;

namespace Starling.Apps.Cache.Console;

/// <summary>Bodies as text for a terminal.</summary>
internal static class TextBody
{
    /// <summary>The encoding of a body, or null when it is no text.</summary>
    public static Encoding? EncodingOf(ResourceHead head)
    {
        if (head.Find("Content-Encoding") is not null and not "identity"
            || !MediaTypeHeaderValue.TryParse(head.ContentType(), out var type) || type.MediaType is not { } media || !IsText(media))
        {
            return null;
        }

        try
        {
            return TextStreams.GetEncoding(type.CharSet?.Trim('"') is { Length: > 0 } charset ? charset : "utf-8");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The text without what a terminal would obey: a page must not move the cursor, rename the window or answer for the user.</summary>
    public static string Harmless(string text) => text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0
        ? text
        : string.Concat(text.Where(letter => letter != '\r').Select(letter => char.IsControl(letter) && letter is not ('\n' or '\t') ? '\ufffd' : letter));

    private static bool IsText(string media) =>
        media.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
        || media.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
        || media.ToLowerInvariant() is "application/json" or "application/xml" or "application/javascript" or "application/x-ndjson";
}
