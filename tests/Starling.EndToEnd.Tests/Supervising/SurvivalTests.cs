using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>What users lose when something dies or is replaced under load: as little as can be.</summary>
public sealed class SurvivalTests
{
    /// <summary>How often workers are replaced; a longer run is asked for by STARLING_RELOADS.</summary>
    internal static readonly int Reloads = int.Parse(Environment.GetEnvironmentVariable("STARLING_RELOADS") ?? "5", CultureInfo.InvariantCulture);

    /// <summary>How many seconds the supervisor or its workers are killed again and again; a longer run is asked for by STARLING_KILLING.</summary>
    private static readonly int Killing = int.Parse(Environment.GetEnvironmentVariable("STARLING_KILLING") ?? "15", CultureInfo.InvariantCulture);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reloads_of_Kestrel_workers_under_load_lose_no_request()
    {
        await using var home = new SupervisorHome();
        var url = await StartAsync(home, Hosts.Repository.WorkerTestApp, "[]", instances: 2);
        await using var wrk = Wrk.Start(url, seconds: 60 + (Reloads * 60));
        for (var i = 0; i < Reloads; i++)
        {
            using var report = JsonDocument.Parse(await home.DoAsync("reload", "web", "--json"));
            Assert.Equal(JsonValueKind.Null, report.RootElement[0].GetProperty("failure").ValueKind);
            foreach (var worker in report.RootElement[0].GetProperty("workers").EnumerateArray())
            {
                Assert.False(worker.GetProperty("wasKilled").GetBoolean());
                Assert.Equal(0, worker.GetProperty("cut").GetInt32());
            }
        }

        var (requests, connect, cut, bad) = await wrk.StopAsync();
        Assert.True(requests > 1000, $"{requests} requests.");
        Assert.Equal((0, 0, 0), (connect, cut, bad));
    }

    [Fact]
    public async Task Reloads_of_an_unmodified_Node_cluster_under_load_lose_no_request_of_kept_connections()
    {
        await using var home = new SupervisorHome();
        var port = SupervisorHome.FreePort();
        home.Write("site.js", $"require('node:http').createServer((request, response) => response.end('ok')).listen({port}, '127.0.0.1');");
        await home.DoAsync("start", home.Write("process.json", """
            { "apps": [ { "name": "site", "script": "site.js", "instances": 2, "exec_mode": "cluster", "listen_timeout": 60000, "kill_timeout": 20000 } ] }
            """));
        await using var wrk = Wrk.Start(new Uri($"http://127.0.0.1:{port}"), seconds: 60 + (Reloads * 60));
        for (var i = 0; i < Reloads; i++)
        {
            using var report = JsonDocument.Parse(await home.DoAsync("reload", "site", "--json"));
            Assert.Equal(JsonValueKind.Null, report.RootElement[0].GetProperty("failure").ValueKind);
            Assert.All(report.RootElement[0].GetProperty("workers").EnumerateArray(), worker => Assert.False(worker.GetProperty("wasKilled").GetBoolean()));
        }

        var (requests, connect, cut, bad) = await wrk.StopAsync();
        Assert.True(requests > 1000, $"{requests} requests.");
        Assert.Equal((0, 0, 0), (connect, cut, bad));
    }

    [Fact]
    public async Task Kills_of_the_daemon_and_its_keeper_under_load_lose_no_request_and_no_line_of_a_log()
    {
        await using var home = new SupervisorHome();
        var script = home.Write("server.js", """
            const http = require('node:http');
            http.createServer((request, response) => response.end('ok')).listen({ fd: Number(process.env.STARLING_FDS) }, () => process.send('ready'));
            let n = 0;
            setInterval(() => console.log(`line ${++n}`), 10);
            """);
        var url = await StartAsync(home, script, "[]", instances: 2);
        var before = Pids(await home.ListAsync());
        await using var wrk = Wrk.Start(url, Killing + 3);
        var random = new Random(7);
        for (var time = Stopwatch.StartNew(); time.Elapsed < TimeSpan.FromSeconds(Killing);)
        {
            // Each is brought back by the other; both at the same moment nobody brings back.
            var (role, news) = random.Next(3) == 0 ? ("keeper", "Another keeper holds") : ("daemon", "is ready, process");
            var times = Times(home.Log, news);
            Kill(home.Processes(role));
            await home.WaitForLogAsync(log => Times(log, news) > times, $"another {role}");
            await Task.Delay(random.Next(0, 1500), Cancelled);
        }

        var (requests, connect, cut, bad) = await wrk.WaitAsync();
        Assert.True(requests > 1000, $"{requests} requests.");
        Assert.Equal((0, 0, 0), (connect, cut, bad));
        var after = await home.WaitAsync(workers => workers.Length == 2, "adopted");
        Assert.Equal(before, Pids(after));
        await home.DoAsync("stop", "web");
        var numbers = (await File.ReadAllLinesAsync(Path.Combine(home.Environment["STARLING_HOME"], "logs", "web-out-0.log"), Cancelled))
            .Where(line => line.StartsWith("line ", StringComparison.Ordinal)).Select(line => int.Parse(line.AsSpan(5), CultureInfo.InvariantCulture)).ToArray();

        // A daemon that is killed takes with it what it had read and not yet written; everything else waits in the pipe.
        Assert.Equal(numbers.Order(), numbers);
        Assert.True(numbers[^1] - numbers.Length < numbers[^1] / 10, $"{numbers.Length} lines of {numbers[^1]}.");
    }

    [Fact]
    public async Task Updates_of_the_daemon_under_load_lose_no_request_no_line_of_a_log_and_no_exit_code()
    {
        await using var home = new SupervisorHome();
        var script = home.Write("server.js", """
            const http = require('node:http');
            http.createServer((request, response) => response.end('ok')).listen({ fd: Number(process.env.STARLING_FDS) }, () => process.send('ready'));
            process.on('SIGUSR2', () => process.exit(7));
            let n = 0;
            setInterval(() => console.log(`line ${++n}`), 5);
            """);
        var url = await StartAsync(home, script, "[]", instances: 2);
        var (workers, daemons) = (Pids(await home.ListAsync()), new HashSet<int>(home.Processes("daemon")));
        await using var wrk = Wrk.Start(url, 15);
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("The supervisor was started anew: version ", await home.DoAsync("update"), StringComparison.Ordinal);
            Assert.True(daemons.Add(home.Processes("daemon").Single()), "The daemon is the same.");
        }

        var (requests, connect, cut, bad) = await wrk.WaitAsync();
        Assert.True(requests > 1000, $"{requests} requests.");
        Assert.Equal((0, 0, 0), (connect, cut, bad));
        Assert.Equal(workers, Pids(await home.ListAsync()));
        Assert.Single(home.Processes("keeper"));
        await home.DoAsync("signal", "USR2", "0");
        await home.WaitForLogAsync(log => log.Contains("exit code 7", StringComparison.Ordinal), "end with its exit code");
        await home.DoAsync("stop", "web");
        var lines = await File.ReadAllLinesAsync(Path.Combine(home.Environment["STARLING_HOME"], "logs", "web-out-1.log"), Cancelled);
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(number => $"line {number}"), lines);
    }

    [Fact]
    public async Task Kills_of_workers_under_load_refuse_no_connection_and_leave_nothing_behind()
    {
        await using var home = new SupervisorHome();
        var url = await StartAsync(home, home.Write("server.js", """
            const http = require('node:http');
            require('node:child_process').spawn('sleep', ['600']);
            http.createServer((request, response) => response.end('ok')).listen({ fd: Number(process.env.STARLING_FDS) }, () => process.send('ready'));
            """), "[]", instances: 3);
        await using var wrk = Wrk.Start(url, Killing);
        var random = new Random(11);
        var kills = 0;
        for (var time = Stopwatch.StartNew(); time.Elapsed < TimeSpan.FromSeconds(Killing - 3); kills++)
        {
            var pids = Pids(await home.ListAsync());
            Kill([pids[random.Next(pids.Length)]]);
            await Task.Delay(random.Next(500, 1200), Cancelled);
        }

        var (requests, connect, cut, bad) = await wrk.WaitAsync();
        Assert.True(requests > 1000, $"{requests} requests.");
        Assert.Equal((0, 0), (connect, bad));

        // What the killed ones had open is cut; each had at most all of the 16 connections.
        Assert.True(cut <= kills * 16, $"{cut} connections were cut.");
        var workers = await home.WaitAsync(workers => workers.All(worker => worker.GetProperty("status").GetString() == "online"), "online");
        Assert.Equal(kills, workers.Sum(worker => worker.GetProperty("restarts").GetInt32()));
        Assert.Equal(3, home.Processes("sleep").Length);
        Assert.Empty(Zombies(home));
    }

    [Fact]
    public async Task Messages_that_waited_for_a_supervisor_find_applications_that_it_adopts_after_their_sender()
    {
        await using var home = new SupervisorHome();
        home.Write("sender.js", "setInterval(() => process.send({ cmd: 'STARLING_ROUTE', to: 'receiver', message: 1 }), 5);");
        home.Write("receiver.js", "process.on('message', () => {});");
        await home.DoAsync("start", home.Write("process.json", """
            [ { "name": "receiver", "script": "receiver.js" }, { "name": "sender", "script": "sender.js", "namespace": "a" } ]
            """));
        await home.DoAsync("delete", "receiver");
        await home.WaitForLogAsync(log => log.Contains("'receiver', which is no application here", StringComparison.Ordinal), "news of messages without a receiver");
        await home.DoAsync("start", "process.json", "--only", "receiver");
        var times = Times(home.Log, "which is no application here");
        for (var i = 0; i < 3; i++)
        {
            var ready = Times(home.Log, "is ready, process");
            Kill(home.Processes("daemon"));
            await home.WaitForLogAsync(log => Times(log, "is ready, process") > ready, "another daemon");
        }

        Assert.Equal(times, Times(home.Log, "which is no application here"));
    }

    [Theory]
    [InlineData("list", "--json")]
    [InlineData("restart", "web")]
    [InlineData("logs")]
    public async Task The_next_command_starts_a_supervisor_again_that_died_with_its_keeper(params string[] command)
    {
        await using var home = new SupervisorHome();
        home.Write("app.sh", "exec sleep 600");
        await home.DoAsync("start", home.Write("process.json", """[ { "name": "web", "script": "app.sh" }, { "name": "idle", "script": "app.sh" } ]"""));
        await home.DoAsync("stop", "idle");
        int[] both = [.. home.Processes("keeper"), .. home.Processes("daemon")];
        Signal("STOP", both);
        Kill(both);
        Assert.Equal(2, both.Length);
        var (code, _, error) = await home.RunAsync(command);
        Assert.True(code == 0, error);
        Assert.Contains("It was started again", error, StringComparison.Ordinal);
        var workers = await home.WaitAsync(workers => workers.Any(worker => worker.GetProperty("status").GetString() == "online"), "online");
        Assert.Equal([("web", "online"), ("idle", "stopped")], workers.Select(worker => (worker.GetProperty("name").GetString(), worker.GetProperty("status").GetString())));
        Assert.Equal(Pids(workers), home.Processes("600"));
        await home.DoAsync("kill");
        (code, _, error) = await home.RunAsync("restart", "web");
        Assert.Equal(1, code);
        Assert.Contains("Nothing runs", error, StringComparison.Ordinal);
    }

    /// <summary>A command says within 10 s that it gets no answer; a machine that runs other tests gets some more for its program to start.</summary>
    [Theory]
    [InlineData("daemon", "s: it is stopped (SIGSTOP), or has too much to do.")]
    [InlineData("keeper", "is being started and is not ready after 8 s")]
    public async Task Commands_say_in_time_that_the_supervisor_is_stopped(string stopped, string says)
    {
        await using var home = new SupervisorHome();
        home.Write("app.sh", "exec sleep 600");
        await home.DoAsync("start", "app.sh");
        var ids = home.Processes(stopped);
        Signal("STOP", ids);
        try
        {
            if (stopped == "keeper")
            {
                Kill(home.Processes("daemon"));
            }

            var time = Stopwatch.StartNew();
            var (code, _, error) = await home.RunAsync("list");
            Assert.Equal(1, code);
            Assert.Contains(says, error, StringComparison.Ordinal);
            Assert.True(time.Elapsed < TimeSpan.FromSeconds(14), $"It took {time.Elapsed}.");
        }
        finally
        {
            Signal("CONT", ids);
        }

        await home.WaitAsync(workers => workers.All(worker => worker.GetProperty("status").GetString() == "online"), "online");
    }

    [Fact]
    public async Task Commands_say_in_time_that_a_supervisor_is_not_ready()
    {
        await using var home = new SupervisorHome();
        Directory.CreateDirectory(home.Environment["STARLING_HOME"]);

        // As a daemon has it from its start until it listens, and longer when it is stopped meanwhile.
        await using (new FileStream(Path.Combine(home.Environment["STARLING_HOME"], "daemon.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            var time = Stopwatch.StartNew();
            var (code, _, error) = await home.RunAsync("list");
            Assert.Equal(1, code);
            Assert.Contains("is being started and is not ready after 8 s", error, StringComparison.Ordinal);
            Assert.True(time.Elapsed < TimeSpan.FromSeconds(14), $"It took {time.Elapsed}.");
        }

        Assert.Empty(await home.ListAsync());
    }

    private static async Task<Uri> StartAsync(SupervisorHome home, string script, string arguments, int instances)
    {
        var port = SupervisorHome.FreePort();
        var file = home.Write("process.json", $$"""
            { "apps": [ {
              "name": "web", "script": "{{script}}", "args": {{arguments}}, "instances": {{instances}}, "exec_mode": "fork",
              "listen": ["127.0.0.1:{{port}}"], "wait_ready": true, "listen_timeout": 60000, "min_uptime": 100
            } ] }
            """);
        await home.DoAsync("start", file);
        var workers = await home.ListAsync();
        Assert.All(workers, worker => Assert.Equal("online", worker.GetProperty("status").GetString()));
        return new Uri($"http://127.0.0.1:{port}");
    }

    private static int Times(string log, string text) => log.Split(text).Length - 1;

    private static int[] Pids(JsonElement[] workers) =>
        [.. workers.Select(worker => worker.TryGetProperty("pid", out var pid) && pid.ValueKind == JsonValueKind.Number ? pid.GetInt32() : 0).Where(pid => pid > 0)];

    private static void Kill(int[] ids)
    {
        foreach (var id in ids)
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
    }

    private static void Signal(string name, int[] ids)
    {
        using var kill = Process.Start("kill", ["-" + name, .. ids.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    private static string[] Zombies(SupervisorHome home)
    {
        var daemon = home.Processes("daemon").Single();
        return [.. Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)).Select(folder =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, "stat"));
            }
            catch (IOException)
            {
                return "";
            }
        }).Where(stat => stat.Contains(") Z " + daemon.ToString(CultureInfo.InvariantCulture) + " ", StringComparison.Ordinal))];
    }
}
