using System.Net.Sockets;
using System.Text.Json;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

public sealed class SupervisorTests
{
    private const string NodeServer = """
        const http = require('node:http');
        const server = http.createServer((request, response) => {
          const wait = new URL(request.url, 'http://x').searchParams.get('wait') ?? 0;
          setTimeout(() => response.end(`${process.pid} ${process.env.VERSION}`), wait);
        });
        if (process.env.BROKEN) {
          console.error('BROKEN is set');
          process.exit(3);
        }
        server.listen({ fd: Number(process.env.STARLING_FDS) }, () => process.env.SILENT ? console.error('waiting for the database') : process.send('ready'));
        process.on('SIGINT', () => server.close(() => process.exit(0)));
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_are_started_listed_and_stopped()
    {
        await using var test = await TestSupervisor.StartAsync();
        var started = await test.StartAsync(test.Script("app", "exec sleep 600") with { Instances = 3 });
        Assert.Equal([0, 1, 2], started.Select(worker => worker.Id));
        Assert.All(started, worker => Assert.Equal(WorkerStatus.Online, worker.Status));
        Assert.All(started, worker => Assert.True(Directory.Exists($"/proc/{worker.Pid}")));
        var stopped = await test.Supervisor.StopAsync("app", Cancelled);
        Assert.All(stopped, worker => Assert.Equal((WorkerStatus.Stopped, (int?)null), (worker.Status, worker.Pid)));
        Assert.All(started, worker => Assert.False(Directory.Exists($"/proc/{worker.Pid}")));
        Assert.Equal(3, (await test.Supervisor.DeleteAsync("all", Cancelled)).Count);
        Assert.Empty(await test.Supervisor.ListAsync(Cancelled));
    }

    [Fact]
    public async Task A_process_that_is_killed_is_started_again()
    {
        await using var test = await TestSupervisor.StartAsync();
        var before = (await test.StartAsync(test.Script("app", "exec sleep 600"))).Single();
        Assert.Equal(1, await test.Supervisor.SignalAsync("app", "SIGKILL", Cancelled));
        var after = await test.WaitAsync("app", worker => worker is { Status: WorkerStatus.Online, Pid: { } pid } && pid != before.Pid, "online again");
        Assert.Equal((1, "SIGKILL"), (after.Restarts, after.LastExit));
    }

    [Fact]
    public async Task A_process_that_ends_at_once_again_and_again_is_given_up()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("app", "exit 7") with { MaxRestarts = 3 });
        var worker = await test.WaitAsync("app", worker => worker.Status == WorkerStatus.Errored, "given up");
        Assert.Equal("exit code 7", worker.LastExit);
        Assert.NotNull(worker.Reason);

        // Started again by hand, it has all its tries again.
        await test.Supervisor.RestartAsync("app", null, Cancelled);
        var again = await test.WaitAsync("app", next => next.Status == WorkerStatus.Errored && next.Restarts >= 2 * worker.Restarts, "given up again");
        Assert.Contains("given up after 3 ends in a row", again.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_process_writes_is_in_its_log_and_goes_to_followers()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("app", "read x < fifo; echo hello; echo oh >&2; exec sleep 600"));
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(test.Folder, "fifo")]))
        {
            await mkfifo.WaitForExitAsync(Cancelled);
        }

        await test.Supervisor.RestartAsync("app", null, Cancelled);
        await using var lines = test.Supervisor.FollowAsync("app", Cancelled).GetAsyncEnumerator(Cancelled);
        var next = lines.MoveNextAsync();
        await File.WriteAllTextAsync(Path.Combine(test.Folder, "fifo"), "go\n", Cancelled);
        Assert.True(await next);
        var first = lines.Current.Text;
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal(["hello", "oh"], new[] { first, lines.Current.Text }.Order());
        var tail = await test.Supervisor.TailAsync("app", 10, Cancelled);
        Assert.Contains(tail, line => line.Text == "hello");
        await test.Supervisor.FlushAsync("app", Cancelled);
        Assert.Empty(await test.Supervisor.TailAsync("app", 10, Cancelled));
    }

    [Fact]
    public async Task A_worker_that_ignores_signals_is_ended_by_force_with_all_that_it_started()
    {
        await using var test = await TestSupervisor.StartAsync();
        var marker = Guid.NewGuid().ToString();
        await test.StartAsync(test.Script("app", "trap '' INT TERM; sleep 600 & sleep 600 & wait; wait") with
        {
            KillTimeout = TimeSpan.FromMilliseconds(300),
            Env = new Dictionary<string, string> { ["MARKER"] = marker },
        });
        await Shell.WaitUntilAsync(() => Shell.Marked(marker).Length == 3, "the tree");
        await test.Supervisor.StopAsync("app", Cancelled);
        Assert.Empty(Shell.Marked(marker));
    }

    [Theory]
    [InlineData("/no/such/script", "there is no such file")]
    [InlineData("/etc/passwd", "no permission")]
    public async Task A_program_that_cannot_be_started_is_reported_with_the_reason(string script, string reason)
    {
        await using var test = await TestSupervisor.StartAsync();
        var worker = (await test.StartAsync(test.Script("app", "") with { Script = script, Interpreter = AppConfig.NoInterpreter })).Single();
        Assert.Equal(WorkerStatus.Errored, worker.Status);
        Assert.Contains(reason, worker.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_name_is_answered_with_the_nearest_one()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("billing", "exec sleep 600"));
        var exception = await Assert.ThrowsAsync<SupervisorException>(() => test.Supervisor.StopAsync("biling", Cancelled));
        Assert.Contains("Did you mean 'billing'?", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_Node_workers_share_a_socket_and_are_replaced_without_a_failed_request()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("server.js", NodeServer, "node") with
        {
            Instances = 2,
            Listen = ["127.0.0.1:0"],
            ListenTimeout = TimeSpan.FromSeconds(20),
            KillTimeout = TimeSpan.FromSeconds(20),
            WaitReady = true,
            Env = new Dictionary<string, string> { ["VERSION"] = "1" },
        };
        var started = await test.StartAsync(app);
        var url = new Uri($"http://{started[0].Addresses.Single()}/?wait=20");
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => TestSupervisor.LoadAsync(url, stop.Token))));
        for (var i = 0; i < 3; i++)
        {
            var report = (await test.Supervisor.ReloadAsync("server.js", null, Cancelled)).Single();
            Assert.Null(report.Failure);
            Assert.All(report.Workers, worker => Assert.False(worker.WasKilled));
            Assert.All(report.Workers, worker => Assert.NotEqual(worker.OldPid, worker.NewPid));
        }

        await stop.CancelAsync();
        var pids = (await load).SelectMany(answers => answers).ToHashSet();
        Assert.True(pids.Count > 4, $"{pids.Count} processes answered.");
    }

    [Fact]
    public async Task A_process_that_holds_something_alone_is_replaced_while_connections_wait()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("server.js", "require('node:fs').writeFileSync('lock', '', { flag: 'wx' });\n" + NodeServer + "process.on('exit', () => require('node:fs').rmSync('lock'));", "node") with
        {
            Listen = ["127.0.0.1:0"],
            ListenTimeout = TimeSpan.FromSeconds(20),
            KillTimeout = TimeSpan.FromSeconds(20),
            WaitReady = true,
            Exclusive = true,
        };
        var started = await test.StartAsync(app);
        var url = new Uri($"http://{started.Single().Addresses.Single()}/?wait=20");
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => TestSupervisor.LoadAsync(url, stop.Token))));
        for (var i = 0; i < 3; i++)
        {
            var report = (await test.Supervisor.ReloadAsync("server.js", null, Cancelled)).Single();
            Assert.Null(report.Failure);
            Assert.False(report.Workers.Single().WasKilled);
            using var client = new HttpClient();
            Assert.StartsWith($"{report.Workers.Single().NewPid} ", await client.GetStringAsync(url, Cancelled), StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        Assert.All(await load, Assert.NotEmpty);
        var refusal = await Assert.ThrowsAsync<SupervisorException>(() => test.Supervisor.ScaleAsync("server.js", "2", Cancelled));
        Assert.Contains("exclusive", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_does_not_become_ready_leaves_the_old_one_in_place()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("server.js", NodeServer, "node") with { Listen = ["127.0.0.1:0"], ListenTimeout = TimeSpan.FromSeconds(20), WaitReady = true };
        var before = (await test.StartAsync(app)).Single();
        var report = (await test.Supervisor.ReloadAsync(
            "server.js", new EnvironmentUpdate(new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")!, ["BROKEN"] = "1" }, null), Cancelled)).Single();
        Assert.Equal("the process that ran before goes on, since the process ended at once (exit code 3): BROKEN is set", report.Failure);
        using var client = new HttpClient();
        Assert.StartsWith($"{before.Pid} ", await client.GetStringAsync(new Uri($"http://{before.Addresses.Single()}/"), Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_never_says_that_it_is_ready_is_ended_again()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("server.js", NodeServer, "node") with { Listen = ["127.0.0.1:0"], ListenTimeout = TimeSpan.FromSeconds(4), WaitReady = true };
        var before = (await test.StartAsync(app)).Single();
        var report = (await test.Supervisor.ReloadAsync(
            "server.js", new EnvironmentUpdate(new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")!, ["SILENT"] = "1" }, null), Cancelled)).Single();
        Assert.Equal(
            "the process that ran before goes on, since the process did not say that it is ready within 4 s (listen_timeout): waiting for the database", report.Failure);
        Assert.Equal(before.Pid, (await test.Supervisor.ListAsync(Cancelled)).Single().Pid);
    }

    [Fact]
    public async Task A_port_in_use_is_reported()
    {
        await using var test = await TestSupervisor.StartAsync();
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var exception = await Assert.ThrowsAsync<SupervisorException>(() => test.StartAsync(test.Script("app", "sleep 600") with { Listen = [taken.LocalEndpoint.ToString()!] }));
        Assert.Contains("another program listens there", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await test.Supervisor.ListAsync(Cancelled));
    }

    [Fact]
    public async Task Messages_go_to_a_Node_process_and_come_back_as_events()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("echo.js", "process.on('message', m => process.send({ got: m })); process.send('ready');", "node") with
        {
            WaitReady = true,
            ListenTimeout = TimeSpan.FromSeconds(20),
        });
        await using var events = test.Supervisor.ListenAsync(Cancelled).GetAsyncEnumerator(Cancelled);
        var next = events.MoveNextAsync();
        Assert.Equal(1, await test.Supervisor.SendAsync("echo.js", JsonSerializer.SerializeToElement(new { a = 1 }), Cancelled));
        Assert.True(await next);
        Assert.Equal((SupervisorEventKind.Message, """{"got":{"a":1}}"""), (events.Current.Kind, events.Current.Data));
    }

    [Fact]
    public async Task Scaling_adds_and_removes_processes()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("app", "exec sleep 600"));
        Assert.Equal(3, (await test.Supervisor.ScaleAsync("app", "3", Cancelled)).Count);
        Assert.Equal(4, (await test.Supervisor.ScaleAsync("app", "+1", Cancelled)).Count(worker => worker.Status == WorkerStatus.Online));
        Assert.Equal(2, (await test.Supervisor.ScaleAsync("app", "-2", Cancelled)).Count);
        await Assert.ThrowsAsync<SupervisorException>(() => test.Supervisor.ScaleAsync("app", "many", Cancelled));
        await Assert.ThrowsAsync<SupervisorException>(() => test.Supervisor.ScaleAsync("app", "-5", Cancelled));
    }

    [Fact]
    public async Task An_application_starts_after_those_that_it_depends_on()
    {
        await using var test = await TestSupervisor.StartAsync();
        var database = test.Script("database.js", "setTimeout(() => process.send('ready'), 700);process.on('message', () => 0);", "node") with { WaitReady = true, ListenTimeout = TimeSpan.FromSeconds(20) };
        var site = test.Script("site", "exec sleep 600") with { DependsOn = ["database.js"] };
        await test.StartAsync(site, database);
        var workers = await test.Supervisor.ListAsync(Cancelled);
        Assert.Equal(["database.js", "site"], workers.OrderBy(worker => worker.StartedAt).Select(worker => worker.Name));
        Assert.True(workers[1].StartedAt - workers[0].StartedAt > TimeSpan.FromMilliseconds(500));
        var circle = await Assert.ThrowsAsync<SupervisorException>(() => test.StartAsync(
            test.Script("a", "") with { DependsOn = ["b"] }, test.Script("b", "") with { DependsOn = ["a"] }));
        Assert.Contains("a depends on b depends on a", circle.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_supervisor_that_nobody_would_start_again_refuses_to_leave()
    {
        await using var test = await TestSupervisor.StartAsync();
        Assert.Contains("start that program anew", (await Assert.ThrowsAsync<SupervisorException>(() => test.Supervisor.UpdateAsync(Cancelled))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_a_watched_file_restarts_the_application()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("app", "exec sleep 600");
        var source = Directory.CreateDirectory(Path.Combine(test.Folder, "source")).FullName;
        var before = (await test.StartAsync(app with { Watch = [source] })).Single();
        await File.WriteAllTextAsync(Path.Combine(source, "page.txt"), "new", Cancelled);
        var after = await test.WaitAsync("app", worker => worker.Pid is { } pid && pid != before.Pid, "restarted");
        Assert.Equal((1, true), (after.Restarts, after.IsWatched));
    }

    [Fact]
    public async Task A_process_that_answers_no_more_is_restarted()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("server.js", NodeServer, "node") with
        {
            Listen = ["127.0.0.1:0"],
            WaitReady = true,
            ListenTimeout = TimeSpan.FromSeconds(20),
            KillTimeout = TimeSpan.FromMilliseconds(200),
        };
        var before = (await test.StartAsync(app)).Single();
        await test.Supervisor.DeleteAsync("server.js", Cancelled);
        app = app with
        {
            Listen = [before.Addresses.Single()],
            Liveness = new Starling.Supervisor.Configuration.LivenessConfig
            {
                Url = $"http://{before.Addresses.Single()}/",
                Interval = TimeSpan.FromMilliseconds(200),
                Timeout = TimeSpan.FromMilliseconds(500),
                Failures = 2,
            },
        };
        before = (await test.StartAsync(app)).Single();
        await test.Supervisor.SignalAsync("server.js", "SIGSTOP", Cancelled);
        var after = await test.WaitAsync("server.js", worker => worker.Pid is { } pid && pid != before.Pid && worker.Status == WorkerStatus.Online, "restarted");
        Assert.Equal(1, after.Restarts);
    }

    [Fact]
    public async Task A_process_that_uses_too_much_memory_is_restarted()
    {
        await using var test = await TestSupervisor.StartAsync();
        var before = (await test.StartAsync(test.Script("hungry.js", "const a = []; setInterval(() => a.push(Buffer.alloc(5e6, 1)), 10);", "node") with { MaxMemoryRestart = 150_000_000 })).Single();
        var after = await test.WaitAsync("hungry.js", worker => worker.Pid is { } pid && pid != before.Pid, "restarted");
        Assert.Equal(1, after.Restarts);
    }
}
