using System.Text;

namespace Starling.Apps.Exchange.Client.Terminal;

/// <summary>The line that is being typed, and those before it. Not thread-safe.</summary>
internal sealed class LineEditor
{
    private const int MaxLength = 200;
    private const int MaxHistory = 100;

    private readonly List<string> _history = [];
    private readonly StringBuilder _text = new();
    private int _recalled;

    public string Text => _text.ToString();

    /// <summary>Before which character is typed.</summary>
    public int Cursor { get; private set; }

    /// <summary>Takes a key.</summary>
    /// <returns>The line, when the key ends it.</returns>
    public string? Press(ConsoleKeyInfo key)
    {
        var isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return Submit();
            case ConsoleKey.Backspace when Cursor > 0:
                _text.Remove(--Cursor, 1);
                break;
            case ConsoleKey.Delete when Cursor < _text.Length:
                _text.Remove(Cursor, 1);
                break;
            case ConsoleKey.LeftArrow:
                Cursor = Math.Max(0, Cursor - 1);
                break;
            case ConsoleKey.RightArrow:
                Cursor = Math.Min(_text.Length, Cursor + 1);
                break;
            case ConsoleKey.Home or ConsoleKey.A when key.Key == ConsoleKey.Home || isControl:
                Cursor = 0;
                break;
            case ConsoleKey.End or ConsoleKey.E when key.Key == ConsoleKey.End || isControl:
                Cursor = _text.Length;
                break;
            case ConsoleKey.U when isControl:
                Replace("");
                break;
            case ConsoleKey.UpArrow when _recalled > 0:
                Replace(_history[--_recalled]);
                break;
            case ConsoleKey.DownArrow when _recalled < _history.Count:
                _recalled++;
                Replace(_recalled < _history.Count ? _history[_recalled] : "");
                break;
            default:
                Insert(key.KeyChar);
                break;
        }

        return null;
    }

    private string Submit()
    {
        var line = Text;
        if (line.Length > 0 && (_history.Count == 0 || _history[^1] != line))
        {
            _history.Add(line);
            if (_history.Count > MaxHistory)
            {
                _history.RemoveAt(0);
            }
        }

        _recalled = _history.Count;
        Replace("");
        return line;
    }

    private void Replace(string text)
    {
        _text.Clear().Append(text);
        Cursor = text.Length;
    }

    private void Insert(char letter)
    {
        if (!char.IsControl(letter) && _text.Length < MaxLength)
        {
            _text.Insert(Cursor++, letter);
        }
    }
}
