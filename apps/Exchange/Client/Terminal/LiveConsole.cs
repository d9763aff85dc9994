using System.Runtime.InteropServices;
using Starling.Apps.Exchange.Client.Model;
using Starling.Apps.Exchange.Client.View;

namespace Starling.Apps.Exchange.Client.Terminal;

/// <summary>A client on a screen: the market above, which goes on changing, and a line to type into below. One loop draws and takes keys.</summary>
internal sealed class LiveConsole(ExchangeClientOptions options)
{
    private const int MaxAnswers = 50;

    // Time passes without news, too: what is stale must look so, and a window may change its size.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LeastBetweenPictures = TimeSpan.FromMilliseconds(40);

    private readonly SemaphoreSlim _wake = new(0);
    private readonly List<Answer> _answers = [new("Type help for the commands, quit to end.", IsError: false)];
    private readonly LineEditor _editor = new();
    private int _scroll;
    private bool _hasQuit;

    /// <summary>Runs until the user quits.</summary>
    /// <exception cref="ExchangeException">The account is refused.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var client = new ExchangeClient(options, () => _wake.Release());
        var commands = new Commands(client);
        var keyboard = new Keyboard(() => _wake.Release());
        using var surface = new TerminalSurface(Console.Out);

        // Who suspended it (Ctrl+Z) has written to the terminal since.
        using var resumed = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => surface.Forget());
        var running = new HashSet<Task>();
        while (!_hasQuit && !keyboard.IsClosed)
        {
            var status = client.Status;
            if (status.Link == LinkState.Refused)
            {
                throw new ExchangeException("bad-login", status.Problem!);
            }

            var view = new ClientView($"{options.Account}@{options.Exchange.Host}:{options.Exchange.Port}", client.Market.View(), status, Answers(), _scroll);
            surface.Draw((width, height) => Screen.Draw(view, width, height), (Console.WindowWidth, Console.WindowHeight), _editor.Text, _editor.Cursor);
            await Task.Delay(LeastBetweenPictures, cancellationToken);
            await _wake.WaitAsync(Tick, cancellationToken);
            while (_wake.CurrentCount > 0)
            {
                await _wake.WaitAsync(cancellationToken);
            }

            while (keyboard.TryRead(out var key))
            {
                if (Press(key, surface, view.Market.Listings.Count) is { } line)
                {
                    // The answer may take its time; the table does not wait for it.
                    running.Add(CarryOutAsync(commands, line, cancellationToken));
                }
            }

            running.RemoveWhere(task => task.IsCompleted);
        }
    }

    private Answer[] Answers()
    {
        lock (_answers)
        {
            return [.. _answers];
        }
    }

    private string? Press(ConsoleKeyInfo key, TerminalSurface surface, int listings)
    {
        var isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.PageDown:
                _scroll = Math.Min(_scroll + Page(), Math.Max(0, listings - Page()));
                return null;
            case ConsoleKey.PageUp:
                _scroll = Math.Max(0, _scroll - Page());
                return null;
            case ConsoleKey.L when isControl:
                surface.Forget();
                return null;
            case ConsoleKey.D when isControl && _editor.Text.Length == 0:
                _hasQuit = true;
                return null;
            default:
                return _editor.Press(key);
        }
    }

    // The last line is the one that is typed.
    private static int Page() => Screen.Page(Console.WindowWidth, Console.WindowHeight - 1);

    private async Task CarryOutAsync(Commands commands, string line, CancellationToken cancellationToken)
    {
        try
        {
            if (await commands.RunAsync(line, TimeSpan.Zero, cancellationToken) is { } answers)
            {
                Add([.. answers.Select(answer => new Answer(answer, IsError: false))]);
            }
            else
            {
                _hasQuit = true;
            }
        }
        catch (Exception exception) when (exception is ExchangeException or IOException)
        {
            Add([new Answer($"{line.Trim()}: {exception.Message}", IsError: true)]);
        }
        catch (OperationCanceledException)
        {
            // The screen is gone.
        }

        _wake.Release();
    }

    private void Add(Answer[] answers)
    {
        lock (_answers)
        {
            _answers.AddRange(answers);
            _answers.RemoveRange(0, Math.Max(0, _answers.Count - MaxAnswers));
        }
    }
}
