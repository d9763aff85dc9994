using Spectre.Console;
using Spectre.Console.Rendering;
using Starling.Messaging;
using Starling.Supervisor;
using Starling.Supervisor.Logs;

namespace Starling.Host.Supervising;

/// <summary>The screen of <c>monit</c>. One loop draws; another reads keys; what is drawn is replaced as a whole.</summary>
internal sealed class MonitScreen(ISupervisor supervisor)
{
    private const int MaxLogLines = 200;
    private const int HeaderRows = 6;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _log = new();
    private IReadOnlyList<WorkerInfo> _workers = [];
    private string _notice = "";
    private int _chosen;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _workers = await supervisor.ListAsync(cancellationToken);
        var keys = Task.Factory.StartNew(() => ReadKeys(end), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var following = FollowAsync(end.Token);
        try
        {
            AnsiConsole.AlternateScreen(() =>
            {
                while (true)
                {
                    // A live display never becomes smaller than it was: another size of the window needs another one.
                    AnsiConsole.Clear();
                    AnsiConsole.Live(Draw()).StartAsync(live => ShowAsync(live, end.Token)).GetAwaiter().GetResult();
                }
            });
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Somebody pressed q.
        }
        finally
        {
            await end.CancelAsync();
        }

        await following;
        await keys;
        return 0;
    }

    /// <summary>Draws again and again, until the window has another size.</summary>
    private async Task ShowAsync(LiveDisplayContext live, CancellationToken end)
    {
        using var timer = new PeriodicTimer(Interval);
        var size = (AnsiConsole.Profile.Width, AnsiConsole.Profile.Height);
        do
        {
            _workers = await supervisor.ListAsync(end);
            if (size != (AnsiConsole.Profile.Width, AnsiConsole.Profile.Height))
            {
                return;
            }

            live.UpdateTarget(Draw());
        }
        while (await timer.WaitForNextTickAsync(end));
    }

    private Layout Draw()
    {
        var workers = _workers;
        var chosen = workers.Count == 0 ? 0 : Math.Clamp(_chosen, 0, workers.Count - 1);
        var height = AnsiConsole.Profile.Height;
        var tableRows = Math.Min(workers.Count + HeaderRows, height / 2);
        var layout = new Layout().SplitRows(new Layout("table").Size(tableRows), new Layout("log"), new Layout("keys").Size(1));
        layout["table"].Update(Table(workers, chosen));
        layout["log"].Update(Log(workers.Count == 0 ? null : workers[chosen], height - tableRows - 3));
        layout["keys"].Update(new Markup($"[grey]↑↓ choose  r restart  l reload  s stop  c flush log  q quit[/]  {Markup.Escape(_notice)}"));
        return layout;
    }

    private static Table Table(IReadOnlyList<WorkerInfo> workers, int chosen)
    {
        var table = WorkerTable.Create(workers, AnsiConsole.Profile.Width).Expand();
        if (workers.Count > 0)
        {
            table.UpdateCell(chosen, 0, new Markup($"[invert]{workers[chosen].Id}[/]"));
        }

        return table;
    }

    private Panel Log(WorkerInfo? worker, int rows)
    {
        LogLine[] lines;
        lock (_lock)
        {
            lines = worker is null ? [] : [.. _log.Where(line => line.App == worker.Name && line.Instance == worker.Instance).TakeLast(Math.Max(1, rows))];
        }

        IRenderable[] rendered = [.. lines.Select(line => new Text(line.Text, line.Stream == LogStream.Error ? new Style(Color.Red) : null).Overflow(Overflow.Ellipsis))];
        return new Panel(new Rows(rendered)).Header(worker is null ? "nothing runs" : Markup.Escape($"{worker.Name} ({worker.Id})")).Expand();
    }

    private async Task FollowAsync(CancellationToken end)
    {
        try
        {
            await foreach (var line in supervisor.FollowAsync("all", end))
            {
                lock (_lock)
                {
                    _log.Enqueue(line);
                    if (_log.Count > MaxLogLines * Math.Max(1, _workers.Count))
                    {
                        _log.Dequeue();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The screen is closed.
        }
        catch (ConnectionLostException)
        {
            _notice = "the supervisor is gone";
        }
    }

    private void ReadKeys(CancellationTokenSource end)
    {
        while (!end.IsCancellationRequested)
        {
            if (!Console.KeyAvailable)
            {
                end.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(30));
                continue;
            }

            Handle(Console.ReadKey(intercept: true).Key, end);
        }
    }

    private void Handle(ConsoleKey key, CancellationTokenSource end)
    {
        var workers = _workers;
        var worker = workers.Count == 0 ? null : workers[Math.Clamp(_chosen, 0, workers.Count - 1)];
        var target = worker?.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "";
        switch (key)
        {
            case ConsoleKey.Q or ConsoleKey.Escape:
                end.Cancel();
                break;
            case ConsoleKey.UpArrow or ConsoleKey.K:
                _chosen = Math.Max(0, _chosen - 1);
                break;
            case ConsoleKey.DownArrow or ConsoleKey.J:
                _chosen = Math.Min(Math.Max(0, workers.Count - 1), _chosen + 1);
                break;
            case ConsoleKey.R when worker is not null:
                _ = DoAsync($"restarting {worker.Name}", () => supervisor.RestartAsync(target, null, end.Token));
                break;
            case ConsoleKey.L when worker is not null:
                _ = DoAsync($"reloading {worker.Name}", () => supervisor.ReloadAsync(target, null, end.Token));
                break;
            case ConsoleKey.S when worker is not null:
                _ = DoAsync($"stopping {worker.Name}", () => supervisor.StopAsync(target, end.Token));
                break;
            case ConsoleKey.C when worker is not null:
                _ = DoAsync($"emptying the log of {worker.Name}", () => supervisor.FlushAsync(target, end.Token));
                break;
            default:
                break;
        }
    }

    private async Task DoAsync(string notice, Func<Task> action)
    {
        _notice = notice + " ...";
        try
        {
            await action();
            _notice = notice + ": done";
        }
        catch (Exception exception) when (exception is RpcException or ConnectionLostException or TimeoutException or OperationCanceledException)
        {
            _notice = exception.Message;
        }
    }
}
