using System.Globalization;
using System.Text;

namespace Starling.Apps.Editor.Export;

/// <summary>Writes a text without formatting; lists keep their marks.</summary>
internal static class TextExport
{
    public static string Write(RichTextDocument document)
    {
        var output = new StringBuilder();
        var numbers = new ListNumbers();
        foreach (var line in document.Lines)
        {
            var number = numbers.Next(line);
            output.Append(' ', 2 * line.Indent);
            output.Append(line.List switch
            {
                "ordered" => number.ToString(CultureInfo.InvariantCulture) + ". ",
                "bullet" => "- ",
                "checked" => "[x] ",
                "unchecked" => "[ ] ",
                _ => "",
            });
            foreach (var span in line.Spans)
            {
                output.Append(span.Text ?? (span.EmbedKind == "formula" ? span.EmbedValue : $"[{span.EmbedKind}]"));
            }

            output.Append('\n');
        }

        return output.ToString();
    }
}
