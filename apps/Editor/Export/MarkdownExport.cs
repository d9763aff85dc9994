using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Starling.Apps.Editor.Export;

/// <summary>Writes a text as Markdown (CommonMark 0.31 with GitHub's tables of tasks and strike-through). Colours and sizes have no Markdown.</summary>
internal static partial class MarkdownExport
{
    private static readonly Mark Bold = new("**", "**");
    private static readonly Mark Italic = new("*", "*");
    private static readonly Mark Strike = new("~~", "~~");
    private static readonly Mark Underline = new("<u>", "</u>");
    private static readonly Mark Sub = new("<sub>", "</sub>");
    private static readonly Mark Super = new("<sup>", "</sup>");

    public static string Write(RichTextDocument document)
    {
        var output = new StringBuilder();
        var numbers = new ListNumbers();
        Line? previous = null;
        for (var i = 0; i < document.Lines.Count; i++)
        {
            var line = document.Lines[i];
            var number = numbers.Next(line);
            if (previous is not null && !(line.List is not null && previous.List is not null) && !(line.IsQuotation && previous.IsQuotation))
            {
                output.Append('\n');
            }

            if (line.IsCode)
            {
                var code = document.Lines.Skip(i).TakeWhile(next => next.IsCode).Select(next => next.PlainText).ToList();
                WriteCode(output, code);
                i += code.Count - 1;
            }
            else
            {
                output.Append(Prefix(line, number));
                WriteSpans(output, line);
                output.Append(line.IsQuotation && i + 1 < document.Lines.Count && document.Lines[i + 1].IsQuotation ? "\\\n" : "\n");
            }

            previous = document.Lines[i];
        }

        return output.ToString();
    }

    private static string Prefix(Line line, int number)
    {
        var indent = line.List is null ? "" : new string(' ', 4 * line.Indent);
        return indent + line.List switch
        {
            "ordered" => number.ToString(CultureInfo.InvariantCulture) + ". ",
            "bullet" => "- ",
            "checked" => "- [x] ",
            "unchecked" => "- [ ] ",
            _ when line.IsQuotation => "> ",
            _ when line.Heading > 0 => new string('#', line.Heading) + " ",
            _ => "",
        };
    }

    // A fence is longer than any row of backticks in the code.
    private static void WriteCode(StringBuilder output, List<string> lines)
    {
        var fence = new string('`', Math.Max(3, 1 + LongestRun(string.Join('\n', lines))));
        output.Append(fence).Append('\n');
        lines.ForEach(line => output.Append(line).Append('\n'));
        output.Append(fence).Append('\n');
    }

    // Marks touch what they mark: blanks at the edges go outside, as CommonMark wants it.
    private static void WriteSpans(StringBuilder output, Line line)
    {
        var marks = new MarkStack(output);
        var blanks = new StringBuilder();
        var isStart = true;
        foreach (var span in line.Spans)
        {
            if (span.Text is { } text && string.IsNullOrWhiteSpace(text) && !span.Formats.Has("code"))
            {
                blanks.Append(text);
                continue;
            }

            var wanted = Marks(span.Formats);
            var content = span.Text is null ? Embed(span) : span.Formats.Has("code") ? Code(span.Text) : Text(span.Text.Trim(), isStart);
            var leading = span.Text is null || span.Formats.Has("code") ? "" : span.Text[..^span.Text.TrimStart().Length];
            var trailing = span.Text is null || span.Formats.Has("code") ? "" : span.Text[span.Text.TrimEnd().Length..];
            marks.Keep(wanted);
            output.Append(blanks).Append(leading);
            blanks.Clear();
            marks.Open(wanted);
            output.Append(content);
            blanks.Append(trailing);
            isStart = false;
        }

        marks.Keep([]);
    }

    private static List<Mark> Marks(Formats formats)
    {
        var marks = new List<Mark>();
        if (Formats.SafeAddress(formats.Text("link")) is { } address)
        {
            marks.Add(new Mark("[", $"]({Address(address)})"));
        }

        (string Name, Mark Mark)[] simple = [("bold", Bold), ("italic", Italic), ("strike", Strike), ("underline", Underline)];
        marks.AddRange(simple.Where(item => formats.Has(item.Name)).Select(item => item.Mark));
        switch (formats.Text("script"))
        {
            case "sub":
                marks.Add(Sub);
                break;
            case "super":
                marks.Add(Super);
                break;
        }

        return marks;
    }

    private static string Embed(Span span)
    {
        var address = Formats.SafeAddress(span.EmbedValue, isImage: span.EmbedKind == "image");
        return span.EmbedKind switch
        {
            "image" when address is not null => $"![{Text(span.Formats.Text("alt") ?? "", isStart: false)}]({Address(address)})",
            "video" when address is not null => $"[video]({Address(address)})",
            "formula" => Code(span.EmbedValue),
            _ => "",
        };
    }

    private static string Address(string address) =>
        "<" + address.Replace("<", "%3C", StringComparison.Ordinal).Replace(">", "%3E", StringComparison.Ordinal).Replace("\\", "%5C", StringComparison.Ordinal) + ">";

    private static string Code(string text)
    {
        var fence = new string('`', 1 + LongestRun(text));
        var pad = text.StartsWith('`') || text.EndsWith('`') ? " " : "";
        return fence + pad + text + pad + fence;
    }

    private static string Text(string text, bool isStart)
    {
        var escaped = Special().Replace(text, "\\$0");
        return isStart ? LineStart().Replace(escaped, static match => match.Groups[1].Value + "\\" + match.Groups[2].Value) : escaped;
    }

    private static int LongestRun(string text) => Backticks().Matches(text).Select(match => match.Length).DefaultIfEmpty(0).Max();

    [GeneratedRegex("`+", RegexOptions.CultureInvariant)]
    private static partial Regex Backticks();

    [GeneratedRegex(@"[\\`*_\[\]<>&~|]", RegexOptions.CultureInvariant)]
    private static partial Regex Special();

    /// <summary>What would make a heading, a list, a quotation or a rule at the start of a line.</summary>
    [GeneratedRegex(@"^(\d*)([#+\-=.)])", RegexOptions.CultureInvariant)]
    private static partial Regex LineStart();
}
