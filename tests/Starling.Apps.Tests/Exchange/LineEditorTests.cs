using Starling.Apps.Exchange.Client.Terminal;

namespace Starling.Apps.Tests.Exchange;

public sealed class LineEditorTests
{
    private readonly LineEditor _editor = new();

    [Fact]
    public void A_line_is_mended_where_the_cursor_is()
    {
        Type("BUY ACM 10");
        Press(ConsoleKey.LeftArrow, 3);
        Type("E");
        Press(ConsoleKey.Home);
        Press(ConsoleKey.Delete);
        Type("b");
        Press(ConsoleKey.End);
        Press(ConsoleKey.Backspace);
        Type("5");
        Assert.Equal("bUY ACME 15", Press(ConsoleKey.Enter));
        Assert.Equal(("", 0), (_editor.Text, _editor.Cursor));
    }

    [Fact]
    public void Lines_that_were_said_are_recalled()
    {
        Type("first");
        Press(ConsoleKey.Enter);
        Type("second");
        Press(ConsoleKey.Enter);
        Press(ConsoleKey.UpArrow, 5);
        Assert.Equal("first", _editor.Text);
        Press(ConsoleKey.DownArrow);
        Assert.Equal("second", _editor.Text);
        Press(ConsoleKey.DownArrow, 5);
        Assert.Equal("", _editor.Text);
    }

    [Fact]
    public void Control_characters_do_not_get_into_a_line_and_it_has_an_end()
    {
        Type("a\u001b\u0007b" + new string('c', 1000));
        Assert.StartsWith("abc", _editor.Text, StringComparison.Ordinal);
        Assert.Equal(200, _editor.Text.Length);
        _editor.Press(new ConsoleKeyInfo('\u0015', ConsoleKey.U, shift: false, alt: false, control: true));
        Assert.Equal("", _editor.Text);
    }

    private void Type(string text)
    {
        foreach (var letter in text)
        {
            _editor.Press(new ConsoleKeyInfo(letter, ConsoleKey.None, shift: false, alt: false, control: false));
        }
    }

    private string? Press(ConsoleKey key, int times = 1)
    {
        string? line = null;
        for (var i = 0; i < times; i++)
        {
            line = _editor.Press(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control: false));
        }

        return line;
    }
}
