using System.Net;
using System.Net.Sockets;
using System.Text;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

/// <summary>What PM2 does for an application of <c>exec_mode: "cluster"</c>.</summary>
public sealed class ClusterModeTests
{
    private const string Listen = "require('node:http').createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1');";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_wait_ready_a_worker_is_ready_when_it_says_so_and_not_when_it_listens()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = Cluster(test, Listen + "process.on('message', message => message === 'go' && process.send('ready'));") with { WaitReady = true, ListenTimeout = TimeSpan.FromMinutes(2) };
        var starting = test.StartAsync(app);
        await test.WaitAsync("app.js", worker => worker.Addresses.Count == 1, "listening");
        Assert.Equal(WorkerStatus.Starting, (await test.Supervisor.ListAsync(Cancelled)).Single().Status);
        Assert.False(starting.IsCompleted);
        await test.Supervisor.SendAsync("app.js", System.Text.Json.JsonDocument.Parse("\"go\"").RootElement, Cancelled);
        Assert.Equal(WorkerStatus.Online, (await starting).Single().Status);
    }

    [Fact]
    public async Task A_reload_to_a_version_that_never_says_that_it_is_ready_fails_and_keeps_the_old_process()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = Cluster(test, Listen + "if (!require('node:fs').existsSync('silent')) process.send('ready');") with { WaitReady = true, ListenTimeout = TimeSpan.FromSeconds(20) };
        var before = (await test.StartAsync(app)).Single();
        await File.WriteAllTextAsync(Path.Combine(test.Folder, "silent"), "", Cancelled);
        var report = (await test.Supervisor.ReloadAsync("app.js", null, Cancelled)).Single();
        Assert.Contains("did not say that it is ready", report.Failure, StringComparison.Ordinal);
        var after = (await test.Supervisor.ListAsync(Cancelled)).Single();
        Assert.Equal((before.Pid, WorkerStatus.Online), (after.Pid, after.Status));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_handler_of_the_signal_runs_while_the_channel_is_open(bool isReload)
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = Cluster(test, Listen + """
            process.on('SIGINT', () => {
              require('node:fs').writeFileSync('handled', String(process.connected));
              process.exit(0);
            });
            """) with { KillTimeout = TimeSpan.FromMinutes(2) };
        await test.StartAsync(app);
        await (isReload ? test.Supervisor.ReloadAsync("app.js", null, Cancelled) : (Task)test.Supervisor.StopAsync("app.js", Cancelled));
        Assert.Equal("true", await File.ReadAllTextAsync(Path.Combine(test.Folder, "handled"), Cancelled));
    }

    [Fact]
    public async Task The_message_shutdown_comes_where_it_is_asked_for()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = Cluster(test, Listen + "process.on('message', message => { if (message === 'shutdown') { require('node:fs').writeFileSync('handled', message); process.exit(0); } });") with
        {
            ShutdownWithMessage = true,
            KillTimeout = TimeSpan.FromMinutes(2),
        };
        await test.StartAsync(app);
        await test.Supervisor.StopAsync("app.js", Cancelled);
        Assert.Equal("shutdown", await File.ReadAllTextAsync(Path.Combine(test.Folder, "handled"), Cancelled));
    }

    [Fact]
    public async Task A_kept_connection_gets_an_answer_that_says_that_it_closes_and_then_the_process_ends()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = Cluster(test, "require('node:http').createServer((request, response) => response.end(String(process.pid))).listen(0, '127.0.0.1');") with { KillTimeout = TimeSpan.FromMinutes(4) };
        await test.StartAsync(app);
        var point = IPEndPoint.Parse((await test.Supervisor.ListAsync(Cancelled)).Single().Addresses.Single());
        using var client = new TcpClient();
        await client.ConnectAsync(point, Cancelled);
        Assert.DoesNotContain("Connection: close", await AskAsync(client), StringComparison.Ordinal);
        var reload = test.Supervisor.ReloadAsync("app.js", null, Cancelled);

        // The old process goes on to answer here until it has said that it closes.
        string answer;
        for (var i = 0; !(answer = await AskAsync(client)).Contains("Connection: close", StringComparison.Ordinal); i++)
        {
            Assert.True(i < 10_000, answer);
            await Task.Delay(5, Cancelled);
        }

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancelled));
        var worker = (await reload).Single().Workers.Single();
        Assert.False(worker.WasKilled);
        Assert.InRange(worker.DrainSeconds, 0, 60);
    }

    [Fact]
    public async Task An_idle_connection_is_closed_after_a_while()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = Cluster(test, "require('node:http').createServer({ keepAliveTimeout: 600_000 }, (request, response) => response.end('ok')).listen(0, '127.0.0.1');") with { KillTimeout = TimeSpan.FromMinutes(2) };
        await test.StartAsync(app);
        var point = IPEndPoint.Parse((await test.Supervisor.ListAsync(Cancelled)).Single().Addresses.Single());
        using var client = new TcpClient();
        await client.ConnectAsync(point, Cancelled);
        await AskAsync(client);
        var stop = test.Supervisor.StopAsync("app.js", Cancelled);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancelled));
        await stop.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
    }

    private static AppConfig Cluster(TestSupervisor test, string script) =>
        test.Script("app.js", script, "node") with { ExecMode = ExecMode.Cluster, ListenTimeout = TimeSpan.FromSeconds(60) };

    private static async Task<string> AskAsync(TcpClient client)
    {
        var stream = client.GetStream();
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancelled);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, Cancelled);
            Assert.True(count > 0, $"Closed after '{text}'.");
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
