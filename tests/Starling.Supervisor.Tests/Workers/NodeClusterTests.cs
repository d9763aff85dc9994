using System.Net;
using System.Net.Sockets;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

public sealed class NodeClusterTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_unmodified_script_for_Nodes_cluster_shares_its_port_and_is_replaced_without_a_failed_request()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("app.js", """
            const http = require('node:http');
            http.createServer((request, response) => setTimeout(() => response.end(`${process.pid}`), 30)).listen(Number(process.env.PORT), '127.0.0.1');
            """, "node") with
        {
            ExecMode = ExecMode.Cluster,
            Instances = 2,
            Env = new Dictionary<string, string> { ["PORT"] = "0" },
            ListenTimeout = TimeSpan.FromSeconds(20),
            KillTimeout = TimeSpan.FromSeconds(20),
        };
        await test.StartAsync(app);
        var url = new Uri($"http://{(await test.Supervisor.ListAsync(Cancelled))[0].Addresses.Single()}/");
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => TestSupervisor.LoadAsync(url, stop.Token))));
        for (var i = 0; i < 3; i++)
        {
            var report = (await test.Supervisor.ReloadAsync("app.js", null, Cancelled)).Single();
            Assert.Null(report.Failure);
            Assert.All(report.Workers, worker => Assert.False(worker.WasKilled));
        }

        await stop.CancelAsync();
        var pids = (await load).SelectMany(answers => answers).ToHashSet();
        Assert.True(pids.Count > 4, $"{pids.Count} processes answered.");
        await test.Supervisor.StopAsync("all", Cancelled);
        await Assert.ThrowsAsync<HttpRequestException>(() => TestSupervisor.LoadAsync(url, Cancelled));
    }

    [Theory]
    [InlineData("{ fd: Number(process.env.STARLING_FDS) }")]
    [InlineData("Number(process.env.PORT), '127.0.0.1'")]
    public async Task Scripts_for_Nodes_cluster_get_the_sockets_that_the_application_listens_on(string where)
    {
        await using var test = await TestSupervisor.StartAsync();
        var port = FreePort();
        var app = test.Script("app.js", $"require('node:http').createServer((request, response) => response.end(`${{process.pid}}`)).listen({where});", "node") with
        {
            ExecMode = ExecMode.Cluster,
            Instances = 2,
            Listen = [$"127.0.0.1:{port}"],
            Env = new Dictionary<string, string> { ["PORT"] = $"{port}" },
            ListenTimeout = TimeSpan.FromSeconds(20),
        };
        var workers = await test.StartAsync(app);
        Assert.All(workers, worker => Assert.Equal(WorkerStatus.Online, worker.Status));
        using var client = new HttpClient();
        Assert.Contains(int.Parse(await client.GetStringAsync($"http://127.0.0.1:{port}/", Cancelled), System.Globalization.CultureInfo.InvariantCulture), workers.Select(worker => worker.Pid ?? 0));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
