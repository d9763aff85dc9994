using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Starling.Worker.Tests.Processes;

namespace Starling.Worker.Tests;

public sealed class DrainTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("before")]
    [InlineData("after")]
    public async Task Replacing_workers_under_load_fails_no_request(string lean)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/wrk"), "The Debian package wrk is not installed.");
        using var socket = Listening.OnTcp();
        var worker = await WorkerProcess.StartReadyAsync([socket], $"--lean={lean}");
        try
        {
            using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t1", "-c16", "-d10s", "--timeout", "30s", socket.Address().ToString()])
            {
                RedirectStandardOutput = true,
            })!;
            var output = wrk.StandardOutput.ReadToEndAsync();
            using var client = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.Zero });
            for (var replacement = 0; replacement < 3; replacement++)
            {
                var slow = Enumerable.Range(0, 4).Select(_ => client.GetStringAsync(new Uri(socket.Address(), "slow"))).ToArray();
                var next = await WorkerProcess.StartReadyAsync([socket], $"--lean={lean}");
                await using var old = worker;
                worker = next;
                Assert.EndsWith(" cut=0", await old.StopAsync());
                await Task.WhenAll(slow);
            }

            await wrk.WaitForExitAsync().WaitAsync(WorkerProcess.Limit);
            var report = await output;
            Assert.DoesNotContain("Socket errors", report);
            Assert.DoesNotContain("Non-2xx", report);
            Assert.Contains("requests in", report);
        }
        finally
        {
            await worker.DisposeAsync();
        }
    }

    [Fact]
    public async Task Slow_requests_finish_and_their_connections_close()
    {
        using var socket = Listening.OnTcp();
        await using var worker = await WorkerProcess.StartReadyAsync([socket]);
        using var client = new HttpClient { BaseAddress = socket.Address() };
        await client.GetStringAsync("/");
        var slow = client.GetAsync("/slow");
        await Task.WhenAny(slow, RequestArrivedAsync(worker, "/slow"));
        Assert.Equal("X_STARLING_DRAIN=finished=1 cut=0", await worker.StopAsync());
        using var response = await slow;
        Assert.Equal($"{worker.Id}", await response.Content.ReadAsStringAsync());
        Assert.True(response.Headers.ConnectionClose);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("after")]
    public async Task A_connection_that_was_accepted_before_may_bring_its_first_request(string lean)
    {
        using var socket = Listening.OnTcp();
        await using var worker = await WorkerProcess.StartReadyAsync([socket], $"--lean={lean}", "--Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.Connections=Debug");
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)socket.LocalEndPoint!);
        await LoggedAsync(worker, "accepted");
        var stopping = worker.StopAsync();
        await worker.NotifiedAsync("STOPPING=1");
        await Task.Delay(TimeSpan.FromSeconds(0.8));
        var stream = client.GetStream();
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: worker\r\n\r\n"u8.ToArray());
        var answer = await new StreamReader(stream).ReadToEndAsync().WaitAsync(WorkerProcess.Limit);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer);
        Assert.Contains("\r\nConnection: close\r\n", answer);
        Assert.Equal("X_STARLING_DRAIN=finished=1 cut=0", await stopping);
    }

    [Fact]
    public async Task An_http2_client_goes_on_at_the_next_worker()
    {
        using var socket = Listening.OnTcp();
        await using var first = await WorkerProcess.StartReadyAsync([socket], "--protocol=http2");
        using var client = new HttpClient
        {
            BaseAddress = socket.Address(),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var answers = new HashSet<string> { await client.GetStringAsync("/") };
        await using var second = await WorkerProcess.StartReadyAsync([socket], "--protocol=http2");
        var slow = Enumerable.Range(0, 8).Select(_ => client.GetStringAsync("/slow")).ToArray();
        await RequestArrivedAsync(first, "/slow");
        var stopping = first.StopAsync();
        for (var i = 0; !stopping.IsCompleted || i < 200; i++)
        {
            answers.Add(await client.GetStringAsync("/"));
        }

        Assert.EndsWith(" cut=0", await stopping);
        Assert.All(await Task.WhenAll(slow), id => Assert.Equal($"{first.Id}", id));
        Assert.Equal([$"{first.Id}", $"{second.Id}"], answers);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("after")]
    public async Task Long_lived_clients_are_told_to_come_back_and_the_drain_ends_early(string lean)
    {
        using var socket = Listening.OnTcp();
        await using var worker = await WorkerProcess.StartReadyAsync([socket], $"--lean={lean}", "--worker:DrainTimeout=0:01:00");
        using var client = new HttpClient { BaseAddress = socket.Address() };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/.well-known/mercure?topic=a");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var events = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, events.StatusCode);
        using var socketIO = new ClientWebSocket();
        await socketIO.ConnectAsync(new Uri($"ws://{socket.LocalEndPoint}/socket.io/?EIO=4&transport=websocket"), default);
        Assert.StartsWith("0{", await ReadTextAsync(socketIO));
        await socketIO.SendAsync("40"u8.ToArray(), WebSocketMessageType.Text, true, default);
        Assert.StartsWith("40", await ReadTextAsync(socketIO));
        using var subscriber = new ClientWebSocket();
        await subscriber.ConnectAsync(new Uri($"ws://{socket.LocalEndPoint}/.well-known/mercure?topic=a"), default);
        Assert.Contains("cursor", await ReadTextAsync(subscriber));

        var watch = Stopwatch.StartNew();
        var stopping = worker.StopAsync();
        await ReadToCloseAsync(socketIO);
        await ReadToCloseAsync(subscriber);
        Assert.Equal(1001, (int?)subscriber.CloseStatus);
        await events.Content.ReadAsStringAsync().WaitAsync(WorkerProcess.Limit);
        var open = lean == "none" ? 3 : 1;
        Assert.Equal($"X_STARLING_DRAIN=finished={open} cut=0", await stopping);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"The drain took {watch.Elapsed}.");
    }

    [Fact]
    public async Task What_does_not_finish_in_time_is_cut_and_counted()
    {
        using var socket = Listening.OnTcp();
        await using var worker = await WorkerProcess.StartReadyAsync([socket], "--worker:DrainTimeout=0:00:01");
        using var client = new HttpClient { BaseAddress = socket.Address() };
        var never = client.GetAsync("/never");
        await RequestArrivedAsync(worker, "/never");
        Assert.Equal("X_STARLING_DRAIN=finished=0 cut=1", await worker.StopAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => never);
        var report = await worker.ReadAsync();
        Assert.True(report.Is("ready"));
        Assert.Equal(new DrainReport(0, 1), (await worker.ReadAsync()).Read<DrainReport>());
    }

    [Fact]
    public async Task A_second_signal_ends_the_drain_at_once()
    {
        using var socket = Listening.OnTcp();
        await using var worker = await WorkerProcess.StartReadyAsync([socket], "--worker:DrainTimeout=1:00:00");
        using var client = new HttpClient { BaseAddress = socket.Address() };
        var never = client.GetAsync("/never");
        await RequestArrivedAsync(worker, "/never");
        worker.Signal(2);
        await worker.NotifiedAsync("STOPPING=1");
        Assert.Equal("X_STARLING_DRAIN=finished=0 cut=1", await worker.StopAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => never);
    }

    /// <summary>Kestrel's log says that a request began.</summary>
    private static Task RequestArrivedAsync(WorkerProcess worker, string path) => LoggedAsync(worker, $"{path} ");

    private static async Task LoggedAsync(WorkerProcess worker, string text)
    {
        var limit = Stopwatch.StartNew();
        while (!worker.Log.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(limit.Elapsed < WorkerProcess.Limit, $"'{text}' was not logged:\n{worker.Log}");
            await Task.Delay(20);
        }
    }

    private static async Task<string> ReadTextAsync(ClientWebSocket web)
    {
        var buffer = new byte[4096];
        var received = await web.ReceiveAsync(buffer, default).WaitAsync(WorkerProcess.Limit);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    private static async Task ReadToCloseAsync(ClientWebSocket web)
    {
        while (web.State == WebSocketState.Open)
        {
            await ReadTextAsync(web);
        }

        await web.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }
}
