using System.Text;

namespace Starling.Apps.Editor.Export;

/// <summary>Opens and closes the lists of an HTML document. An inner list is a part of the item before it.</summary>
internal sealed class HtmlLists(StringBuilder output)
{
    private readonly Stack<string> _open = new();

    /// <summary>Begins an item, and the lists around it as far as they are not open.</summary>
    /// <param name="kind">As <see cref="Line.List"/> says it.</param>
    /// <param name="level">How deep it is, from 0.</param>
    public void Begin(string kind, int level)
    {
        var tag = kind == "ordered" ? "ol" : "ul";
        Close(level + 1);
        if (_open.Count == level + 1)
        {
            output.Append("</li>\n");
            if (_open.Peek() != tag)
            {
                output.Append("</").Append(_open.Pop()).Append(">\n");
            }
        }

        while (_open.Count <= level)
        {
            output.Append('<').Append(tag).Append(">\n");
            _open.Push(tag);
            if (_open.Count <= level)
            {
                output.Append("<li class=\"check\">");
            }
        }

        output.Append(kind switch
        {
            "checked" => "<li class=\"check\"><input type=\"checkbox\" checked disabled> ",
            "unchecked" => "<li class=\"check\"><input type=\"checkbox\" disabled> ",
            _ => "<li>",
        });
    }

    /// <summary>Closes all.</summary>
    public void End() => Close(0);

    private void Close(int depth)
    {
        while (_open.Count > depth)
        {
            output.Append("</li>\n</").Append(_open.Pop()).Append(">\n");
        }
    }
}
