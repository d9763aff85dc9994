using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Starling.Apps.Editor.Export;

/// <summary>Writes a text as an HTML document that needs nothing else. Whatever the text says, it runs no script.</summary>
internal static partial class HtmlExport
{
    private const string Style =
        "body{max-width:46rem;margin:2rem auto;padding:0 1rem;font-family:system-ui,sans-serif;line-height:1.5}"
        + "img{max-width:100%}pre{padding:1rem;background:#f4f5f7;overflow:auto}blockquote{margin-left:0;padding-left:1rem;border-left:4px solid #ccc}"
        + "li.check{list-style:none}";

    public static string Write(RichTextDocument document, string title)
    {
        var output = new StringBuilder();
        output.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>{Encode(title)}</title>\n");
        output.Append(CultureInfo.InvariantCulture, $"<style>{Style}</style>\n</head>\n<body>\n");
        var lists = new HtmlLists(output);
        for (var i = 0; i < document.Lines.Count; i++)
        {
            var line = document.Lines[i];
            if (line.List is { } list)
            {
                lists.Begin(list, line.Indent);
                WriteSpans(output, line);
                continue;
            }

            lists.End();
            if (line.IsCode)
            {
                var code = document.Lines.Skip(i).TakeWhile(next => next.IsCode).Select(next => next.PlainText).ToList();
                output.Append("<pre><code>").Append(Encode(string.Join('\n', code))).Append("\n</code></pre>\n");
                i += code.Count - 1;
                continue;
            }

            var tag = line.Heading > 0 ? "h" + line.Heading : line.IsQuotation ? "blockquote" : "p";
            output.Append('<').Append(tag).Append(BlockStyle(line)).Append('>');
            WriteSpans(output, line);
            output.Append(line.Spans.Count == 0 ? "<br>" : "").Append("</").Append(tag).Append(">\n");
        }

        lists.End();
        return output.Append("</body>\n</html>\n").ToString();
    }

    private static string BlockStyle(Line line)
    {
        var styles = new List<string>();
        if (line.Formats.Text("align") is "center" or "right" or "justify")
        {
            styles.Add("text-align:" + line.Formats.Text("align"));
        }

        if (line.Indent > 0)
        {
            styles.Add($"margin-left:{(3 * line.Indent).ToString(CultureInfo.InvariantCulture)}em");
        }

        var direction = line.Formats.Text("direction") == "rtl" ? " dir=\"rtl\"" : "";
        return direction + (styles.Count == 0 ? "" : $" style=\"{string.Join(';', styles)}\"");
    }

    private static void WriteSpans(StringBuilder output, Line line)
    {
        var marks = new MarkStack(output);
        foreach (var span in line.Spans)
        {
            var wanted = Marks(span.Formats);
            marks.Keep(wanted);
            marks.Open(wanted);
            output.Append(span.Text is { } text ? Encode(text) : Embed(span));
        }

        marks.Keep([]);
    }

    private static List<Mark> Marks(Formats formats)
    {
        var marks = new List<Mark>();
        if (Formats.SafeAddress(formats.Text("link")) is { } address)
        {
            marks.Add(new Mark($"<a href=\"{Encode(address)}\" rel=\"noopener noreferrer\">", "</a>"));
        }

        (string Name, string Tag)[] simple = [("bold", "strong"), ("italic", "em"), ("underline", "u"), ("strike", "s"), ("code", "code")];
        marks.AddRange(simple.Where(item => formats.Has(item.Name)).Select(item => new Mark($"<{item.Tag}>", $"</{item.Tag}>")));
        if (formats.Text("script") is "sub" or "super")
        {
            var tag = formats.Text("script") == "sub" ? "sub" : "sup";
            marks.Add(new Mark($"<{tag}>", $"</{tag}>"));
        }

        var styles = new[] { ("color", "color"), ("background", "background-color") }
            .Where(item => formats.Text(item.Item1) is { } color && Color().IsMatch(color))
            .Select(item => $"{item.Item2}:{formats.Text(item.Item1)}").ToList();
        if (styles.Count > 0)
        {
            marks.Add(new Mark($"<span style=\"{string.Join(';', styles)}\">", "</span>"));
        }

        return marks;
    }

    private static string Embed(Span span)
    {
        var address = Formats.SafeAddress(span.EmbedValue, isImage: span.EmbedKind == "image");
        return span.EmbedKind switch
        {
            "image" when address is not null => $"<img src=\"{Encode(address)}\" alt=\"{Encode(span.Formats.Text("alt") ?? "")}\">",
            "video" when address is not null => $"<a href=\"{Encode(address)}\" rel=\"noopener noreferrer\">video</a>",
            "formula" => $"<code>{Encode(span.EmbedValue)}</code>",
            _ => "",
        };
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    [GeneratedRegex(@"^(#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30}|rgba?\([0-9., %]{1,40}\))$", RegexOptions.CultureInvariant)]
    private static partial Regex Color();
}
