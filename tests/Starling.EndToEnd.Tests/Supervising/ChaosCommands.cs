using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Starling.Messaging;
using Starling.Supervisor;
using Starling.Supervisor.Control;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>Gives commands all the time, by new connections, and notes what becomes of them.</summary>
internal sealed class ChaosCommands : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>A machine that runs other tests as well holds up this process, too.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _end = new();
    private readonly SupervisorFolder _folder;
    private readonly SupervisorHome _home;
    private readonly Task _loop;
    private int _answered;

    public ChaosCommands(SupervisorHome home, int seed)
    {
        _home = home;
        _folder = new SupervisorFolder(home.Environment["STARLING_HOME"]);
        _loop = Task.Run(() => RunAsync(new Random(seed)));
    }

    /// <summary>Commands that did what they were asked for.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>What others said.</summary>
    public ConcurrentQueue<string> Refusals { get; } = [];

    /// <summary>Commands that neither answered nor said why in time.</summary>
    public ConcurrentQueue<string> Slow { get; } = [];

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _loop;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task RunAsync(Random random)
    {
        string[] apps = ["noisy", "site", "plain", "alone", "nest"];
        while (!_end.IsCancellationRequested)
        {
            var (app, kind) = (apps[random.Next(apps.Length)], random.Next(10));
            var start = Stopwatch.GetTimestamp();
            try
            {
                await using var client = await SupervisorClient.TryConnectAsync(_folder, CancellationToken.None);
                if (client is not null)
                {
                    await AskAsync(client.Supervisor, kind, app).WaitAsync(TimeSpan.FromMinutes(2), CancellationToken.None);
                    Interlocked.Increment(ref _answered);
                }
                else
                {
                    await StartAgainAsync();
                    continue;
                }
            }
            catch (Exception exception) when (exception is RpcException or ConnectionLostException or TimeoutException or IOException or SupervisorException)
            {
                Refusals.Enqueue($"{kind} {app}: {exception.Message}");
            }

            if (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed > Limit + Slack)
            {
                Slow.Enqueue($"{DateTime.UtcNow:HH:mm:ss} {kind} {app} took {elapsed}");
            }

            await Task.Delay(random.Next(50, 500), CancellationToken.None);
        }
    }

    /// <summary>
    /// Daemon and keeper were killed at the same moment: the next command that starts something brings them back. It waits until all applications have started,
    /// and may be paused or killed itself, so it has no limit here but that of <see cref="SupervisorHome.RunAsync"/>.
    /// </summary>
    private async Task StartAgainAsync()
    {
        var (code, output, error) = await _home.RunAsync("start", "chaos.json");
        _home.Note($"no supervisor, start: {code} {error}");
        if (code != 0)
        {
            Refusals.Enqueue($"start: {code} {output}{error}");
        }
    }

    private static Task AskAsync(ISupervisor supervisor, int kind, string app) => kind switch
    {
        0 => supervisor.RestartAsync(app, null, CancellationToken.None),
        1 => supervisor.ReloadAsync(app, null, CancellationToken.None),
        2 => supervisor.StopAsync(app, CancellationToken.None),
        3 or 4 => supervisor.ResumeAsync(app, CancellationToken.None),
        5 => supervisor.SaveAsync(CancellationToken.None),
        6 => supervisor.TailAsync(app, 20, CancellationToken.None),
        7 => supervisor.SendAsync(app, JsonDocument.Parse("""{"a":[1,"2",null]}""").RootElement, CancellationToken.None),
        8 => supervisor.DescribeAsync(app, CancellationToken.None),
        _ => supervisor.ListAsync(CancellationToken.None),
    };
}
