namespace Starling.Apps.Editor.Export;

/// <summary>A line of a text with what is said of it as a whole: heading, list item, quotation, code.</summary>
internal sealed record Line(IReadOnlyList<Span> Spans, Formats Formats)
{
    /// <summary>1 to 6 for a heading, otherwise 0.</summary>
    public int Heading => Formats.Number("header") is >= 1 and <= 6 and var level ? level : 0;

    /// <summary><c>ordered</c>, <c>bullet</c>, <c>checked</c> or <c>unchecked</c> for an item of a list, otherwise null.</summary>
    public string? List => Formats.Text("list") is "ordered" or "bullet" or "checked" or "unchecked" ? Formats.Text("list") : null;

    /// <summary>How far it is indented, 0 to 8.</summary>
    public int Indent => Math.Clamp(Formats.Number("indent"), 0, 8);

    public bool IsCode => Formats.Has("code-block");

    public bool IsQuotation => Formats.Has("blockquote");

    /// <summary>Its text without formatting.</summary>
    public string PlainText => string.Concat(Spans.Select(span => span.Text ?? ""));
}
