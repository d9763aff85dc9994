using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>Connections that stay open go to the process that has fewest of them.</summary>
public sealed class LeastConnectionsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("[]")]
    [InlineData("[\"--lean\", \"after\"]")]
    public async Task Kestrel_workers_have_equally_many_and_one_that_lost_its_clients_gets_the_next(string arguments)
    {
        await using var home = new SupervisorHome();
        var port = SupervisorHome.FreePort();
        await StartAsync(home, port, Hosts.Repository.WorkerTestApp, arguments);
        var clients = await OpenAsync(port, 30);
        Assert.Equal([10, 10, 10], Counts(clients));

        var emptied = clients[0].Pid;
        await CloseAsync(clients.Where(client => client.Pid == emptied));
        var stayed = clients.Where(client => client.Pid != emptied).ToArray();
        await WaitForCountAsync(home, port, emptied);
        var next = await OpenAsync(port, 9);
        Assert.All(next, client => Assert.Equal(emptied, client.Pid));

        // A worker that is killed takes its connections with it; the others keep theirs, and the next one starts with none.
        var killed = stayed[0].Pid;
        using (var process = System.Diagnostics.Process.GetProcessById(killed))
        {
            process.Kill();
        }

        var workers = await home.WaitAsync(
            workers => workers.All(worker => worker.GetProperty("status").GetString() == "online" && worker.GetProperty("pid").GetInt32() != killed), "online");
        var after = await OpenAsync(port, 9);
        var started = workers.Select(worker => worker.GetProperty("pid").GetInt32()).Except([.. clients.Select(client => client.Pid)]).Single();
        Assert.All(after, client => Assert.Equal(started, client.Pid));
        foreach (var client in stayed.Where(client => client.Pid != killed).Concat(next).Concat(after))
        {
            Assert.Equal(client.Pid, await AskAsync(client.Stream));
        }

        await CloseAsync([.. stayed, .. next, .. after]);
    }

    [Fact]
    public async Task Reloads_under_load_lose_no_request_of_handed_connections()
    {
        await using var home = new SupervisorHome();
        var port = SupervisorHome.FreePort();
        await StartAsync(home, port, Hosts.Repository.WorkerTestApp, "[]");
        await using var wrk = Wrk.Start(new Uri($"http://127.0.0.1:{port}"), seconds: 15);
        for (var i = 0; i < 2; i++)
        {
            using var report = JsonDocument.Parse(await home.DoAsync("reload", "web", "--json"));
            Assert.Equal(JsonValueKind.Null, report.RootElement[0].GetProperty("failure").ValueKind);
        }

        var (requests, connect, cut, bad) = await wrk.WaitAsync();
        Assert.True(requests > 1000, $"{requests} requests.");
        Assert.Equal((0, 0, 0), (connect, cut, bad));
    }

    [Fact]
    public async Task Scripts_of_Node_get_connections_as_messages_with_a_socket()
    {
        await using var home = new SupervisorHome();
        var port = SupervisorHome.FreePort();
        await StartAsync(home, port, home.Write("server.js", """
            const http = require('node:http');
            const server = http.createServer((request, response) => response.end(String(process.pid)));
            process.on('message', (message, socket) => { if (message.type === 'starling:connection' && socket) server.emit('connection', socket); });
            process.send('ready');
            """), "[]");
        var clients = await OpenAsync(port, 12);
        Assert.Equal([4, 4, 4], Counts(clients));
        await CloseAsync(clients);
    }

    private static async Task StartAsync(SupervisorHome home, int port, string script, string arguments)
    {
        var file = home.Write("process.json", $$"""
            { "apps": [ {
              "name": "web", "script": "{{script}}", "args": {{arguments}}, "instances": 3, "listen": ["127.0.0.1:{{port}}"], "least_connections": true,
              "wait_ready": true, "listen_timeout": 60000, "min_uptime": 100
            } ] }
            """);
        await home.DoAsync("start", file);
        Assert.All(await home.ListAsync(), worker => Assert.Equal("online", worker.GetProperty("status").GetString()));
    }

    private static int[] Counts(IEnumerable<(int Pid, NetworkStream Stream)> clients) => [.. clients.GroupBy(client => client.Pid).Select(group => group.Count())];

    /// <summary>Opens connections one after the other; each has had an answer and stays open.</summary>
    private static async Task<List<(int Pid, NetworkStream Stream)>> OpenAsync(int port, int count)
    {
        var clients = new List<(int, NetworkStream)>();
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", port, Cancelled);
            var stream = new NetworkStream(socket, ownsSocket: true);
            clients.Add((await AskAsync(stream), stream));
        }

        return clients;
    }

    private static async Task<int> AskAsync(NetworkStream stream)
    {
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n"u8.ToArray(), Cancelled);
        var buffer = new byte[4096];
        var answer = "";
        while (true)
        {
            var count = await stream.ReadAsync(buffer, Cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
            Assert.True(count > 0, $"The connection was closed after '{answer}'.");
            answer += Encoding.ASCII.GetString(buffer, 0, count);
            if (Body(answer) is { } body)
            {
                return int.Parse(body, CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>The body of a whole answer, with a length or in chunks; else null.</summary>
    private static string? Body(string answer)
    {
        var head = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
        {
            return null;
        }

        var body = answer[(head + 4)..];
        if (answer.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            return body.EndsWith("0\r\n\r\n", StringComparison.Ordinal) ? body.Split("\r\n")[1] : null;
        }

        var length = answer.Split("\r\n").First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return body.Length == int.Parse(length.AsSpan("Content-Length:".Length), CultureInfo.InvariantCulture) ? body : null;
    }

    private static async Task CloseAsync(IEnumerable<(int Pid, NetworkStream Stream)> clients)
    {
        foreach (var (_, stream) in clients)
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>Waits until the supervisor knows that a worker has lost its clients: then that is where two in a row go.</summary>
    private static async Task WaitForCountAsync(SupervisorHome home, int port, int emptied)
    {
        for (var i = 0; i < 600; i++)
        {
            var two = await OpenAsync(port, 2);
            await CloseAsync(two);
            if (two.All(client => client.Pid == emptied))
            {
                return;
            }

            await Task.Delay(50, Cancelled);
        }

        Assert.Fail($"Connections do not go to the worker that has none.\n{home.Log}");
    }
}
