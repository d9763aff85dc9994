using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Starling.Apps.Exchange.Client.Terminal;

/// <summary>
/// A whole terminal that is drawn on: only lines that changed are written, so that nothing flickers and a slow line is not filled. What was
/// on the terminal before comes back at the end. Used by one caller at a time.
/// </summary>
internal sealed class TerminalSurface : IDisposable
{
    private const string Enter = "\e[?1049h\e[2J";
    private const string Leave = "\e[?25h\e[?1049l";

    // A terminal that knows it shows what lies between at once.
    private const string BeginUpdate = "\e[?2026h\e[?25l";
    private const string EndUpdate = "\e[?25h\e[?2026l";

    private readonly TextWriter _output;
    private readonly StringWriter _drawn = new();
    private readonly IAnsiConsole _console;
    private string[] _shown = [];
    private (int Width, int Height) _size;
    private bool _isForgotten;
    private bool _isDisposed;

    public TerminalSurface(TextWriter output)
    {
        _output = output;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_drawn),
        });
        _console.Profile.Capabilities.Unicode = Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage;
        _output.Write(Enter);
        _output.Flush();
    }

    /// <summary>Draws a picture, and below it the line that is typed.</summary>
    /// <param name="draw">Makes the picture for a width and a height.</param>
    /// <param name="size">Of the terminal, in characters.</param>
    /// <param name="text">What is typed.</param>
    /// <param name="cursor">Before which character of it.</param>
    public void Draw(Func<int, int, IRenderable> draw, (int Width, int Height) size, string text, int cursor)
    {
        if (Interlocked.Exchange(ref _isForgotten, false) || size != _size)
        {
            (_size, _shown) = (size, []);
            _output.Write("\e[2J");
        }

        var (width, height) = (Math.Max(2, size.Width), Math.Max(2, size.Height));
        var lines = width < 24 || height < 5 ? ["Window too small."[..Math.Min(17, width)]] : Lines(draw(width, height - 1), width, height - 1);
        var update = new StringBuilder(BeginUpdate);
        for (var i = 0; i < height - 1; i++)
        {
            var line = i < lines.Length ? lines[i] : "";
            if (i >= _shown.Length || _shown[i] != line)
            {
                update.Append($"\e[{i + 1};1H{line}\e[0m\e[K");
            }
        }

        _shown = [.. Enumerable.Range(0, height - 1).Select(i => i < lines.Length ? lines[i] : "")];

        // Of a line that is too long the part around the cursor is shown.
        var room = width - 3;
        var first = Math.Max(0, cursor - room);
        update.Append($"\e[{height};1H> {text.AsSpan(first, Math.Min(room, text.Length - first))}\e[K\e[{height};{cursor - first + 3}H").Append(EndUpdate);
        _output.Write(update);
        _output.Flush();
    }

    /// <summary>Draws everything anew next time, after something else has written to it. May be called at any time.</summary>
    public void Forget() => Volatile.Write(ref _isForgotten, true);

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _output.Write(Leave);
            _output.Flush();
        }
    }

    private string[] Lines(IRenderable picture, int width, int height)
    {
        _drawn.GetStringBuilder().Clear();
        (_console.Profile.Width, _console.Profile.Height) = (width, height);
        _console.Write(picture);
        return _drawn.ToString().ReplaceLineEndings("\n").Split('\n');
    }
}
