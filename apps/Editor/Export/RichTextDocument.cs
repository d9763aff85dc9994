using System.Text.Json;
using System.Text.RegularExpressions;

namespace Starling.Apps.Editor.Export;

/// <summary>A text as lines of spans, which is how other formats see it.</summary>
internal sealed partial record RichTextDocument(IReadOnlyList<Line> Lines)
{
    /// <summary>Reads a delta of inserts, UTF-8 JSON.</summary>
    public static RichTextDocument Parse(ReadOnlyMemory<byte> delta)
    {
        // Half a surrogate pair is written as an escape, unlike whole ones; no other format can have it.
        var json = Escape().Replace(
            System.Text.Encoding.UTF8.GetString(delta.Span),
            static match => match.Value.StartsWith("\\ud", StringComparison.Ordinal) ? "\uFFFD" : match.Value);
        using var document = JsonDocument.Parse(json);
        var lines = new List<Line>();
        var spans = new List<Span>();
        foreach (var component in document.RootElement.GetProperty("ops"u8).EnumerateArray())
        {
            var formats = Formats.Of(component);
            var insert = component.GetProperty("insert"u8);
            if (insert.ValueKind != JsonValueKind.String)
            {
                spans.Add(Span.Embed(insert, formats));
                continue;
            }

            var text = insert.GetString()!;
            for (var start = 0; start < text.Length;)
            {
                var end = text.IndexOf('\n', start);
                if (end != start)
                {
                    spans.Add(Span.Of(text[start..(end < 0 ? text.Length : end)], formats));
                }

                if (end < 0)
                {
                    break;
                }

                lines.Add(new Line([.. spans], formats));
                spans.Clear();
                start = end + 1;
            }
        }

        if (spans.Count > 0)
        {
            lines.Add(new Line([.. spans], Formats.None));
        }

        return new RichTextDocument(lines);
    }

    [GeneratedRegex(@"\\(?:u[0-9a-f]{4}|[^u])", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
