using System.Globalization;
using System.Text;
using Starling.Apps.Cache.Links;
using Starling.Apps.Cache.Routing;
using Starling.Messaging.Text;

namespace Starling.Apps.Cache.Console;

/// <summary>Entries for people.</summary>
internal static class EntryText
{
    /// <summary>More of a text than this is not shown: nobody reads it in a terminal.</summary>
    private const int MostLetters = 64 * 1024;

    public static string Line(Entry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Number,4}  {Size.Text(entry.Size),9}  {TextBody.Harmless(entry.Head.ContentType())}  {TextBody.Harmless(entry.Head.Url)}");

    public static string List(IReadOnlyList<Entry> entries) =>
        entries.Count > 0 ? string.Join('\n', entries.Select(Line)) : "The cache is empty; grab URL puts something into it.";

    /// <summary>Shows what the source said, and the body if it is text.</summary>
    public static async Task ShowAsync(OpenedEntry opened, TextWriter output, CancellationToken cancellationToken)
    {
        var entry = opened.Entry;
        await output.WriteLineAsync(Head(entry));
        if (TextBody.EncodingOf(entry.Head) is not { } encoding)
        {
            await output.WriteLineAsync($"({entry.Size} bytes that are no text; get {entry.Number} > FILE writes them to a file)");
            return;
        }

        var shown = 0;
        await foreach (var text in opened.Body.ReadTextAsync(encoding, cancellationToken))
        {
            shown += text.Length;
            if (shown > MostLetters)
            {
                await output.WriteLineAsync($"\n(… of {entry.Size} bytes; get {entry.Number} > FILE writes them all to a file)");
                return;
            }

            await output.WriteAsync(TextBody.Harmless(text));
        }

        await output.WriteLineAsync();
    }

    private static string Head(Entry entry)
    {
        var text = new StringBuilder().AppendLine(Line(entry).TrimStart()).AppendLine(entry.Head.Status);
        if (entry.Head.FinalUrl != entry.Head.Url)
        {
            text.Append("From: ").AppendLine(entry.Head.FinalUrl);
        }

        foreach (var header in entry.Head.Headers)
        {
            text.Append(header.Name).Append(": ").AppendLine(header.Value);
        }

        text.Append(CultureInfo.InvariantCulture, $"Kept: {entry.Stored:yyyy-MM-dd HH:mm:ss}Z until {entry.Expires:yyyy-MM-dd HH:mm:ss}Z").AppendLine();
        return TextBody.Harmless(text.ToString());
    }
}
