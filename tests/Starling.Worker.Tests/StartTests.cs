using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Starling.Supervisor.Spawning;
using Starling.Worker.Tests.Processes;

namespace Starling.Worker.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task All_passed_sockets_are_served_instead_of_configured_addresses()
    {
        using var socket = Listening.OnTcp();
        var path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.sock");
        using var unix = Listening.OnUnix(path);
        try
        {
            await using var worker = await WorkerProcess.StartReadyAsync([socket, unix], "--urls=http://127.0.0.1:1");
            Assert.Equal($"{worker.Id}", await GetAsync(socket.LocalEndPoint!, "/"));
            Assert.Equal($"{worker.Id}", await GetAsync(unix.LocalEndPoint!, "/"));
            Assert.Contains("http://127.0.0.1:1", worker.Log);
            Assert.DoesNotContain("Now listening on: http://127.0.0.1:1\n", worker.Log);
            Assert.DoesNotContain("STARLING_FDS", await GetAsync(socket.LocalEndPoint!, "/environment"));
            Assert.DoesNotContain("NOTIFY_SOCKET", await GetAsync(socket.LocalEndPoint!, "/environment"));
            Assert.EndsWith(" cut=0", await worker.StopAsync());
            Assert.Equal(0, await worker.Exited);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Messages_that_cannot_be_used_do_not_keep_the_worker_from_hearing_the_next()
    {
        using var socket = Listening.OnTcp();
        await using var worker = await WorkerProcess.StartReadyAsync([socket]);
        Assert.True((await worker.ReadAsync()).Is("ready"));
        foreach (var text in (string[])["no json", """{"cmd":"NODE_HANDLE","type":1,"msg":2}""", """{"cmd":"NODE_SOCKET_GET_COUNT","key":1}"""])
        {
            await worker.Channel.SendUtf8Async(System.Text.Encoding.UTF8.GetBytes(text));
        }

        await worker.Channel.SendAsync(new { Text = "hello" });
        Assert.Equal("""{"text":"hello"}""", (await worker.ReadAsync()).Body.GetRawText());
        Assert.Contains("cannot be used and is dropped", worker.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_channel_says_ready_carries_messages_and_ends_the_worker()
    {
        using var socket = Listening.OnTcp();
        await using var worker = await WorkerProcess.StartReadyAsync([socket]);
        Assert.True((await worker.ReadAsync()).Is("ready"));
        await worker.Channel.SendAsync(new { Text = "hello" });
        Assert.Equal("""{"text":"hello"}""", (await worker.ReadAsync()).Body.GetRawText());

        using var other = Listening.OnTcp();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(other.LocalEndPoint!);
        using (var accepted = await other.AcceptAsync())
        {
            await worker.Channel.SendAsync("connection", accepted);
        }

        await using var stream = new NetworkStream(client);
        Assert.Equal("from the worker", await new StreamReader(stream).ReadToEndAsync().WaitAsync(WorkerProcess.Limit));

        await worker.Channel.SendAsync("shutdown");
        await worker.NotifiedAsync("STOPPING=1");
        Assert.Equal(0, await worker.Exited.WaitAsync(WorkerProcess.Limit));
        await worker.Channel.Disconnected.WaitAsync(WorkerProcess.Limit);
    }

    [Fact]
    public async Task A_worker_outlives_the_channel_unless_it_is_told_otherwise()
    {
        using var socket = Listening.OnTcp();
        await using var stays = await WorkerProcess.StartReadyAsync([socket]);
        await stays.Channel.DisconnectAsync();
        await using var leaves = await WorkerProcess.StartReadyAsync([Listening.OnTcp()], "--worker:StopOnDisconnect=true");
        await leaves.Channel.DisconnectAsync();
        Assert.Equal(0, await leaves.Exited.WaitAsync(WorkerProcess.Limit));
        Assert.Equal($"{stays.Id}", await GetAsync(socket.LocalEndPoint!, "/"));
    }

    [Fact]
    public async Task A_worker_that_cannot_start_does_not_say_ready_and_can_be_ended()
    {
        using var socket = Listening.OnTcp();
        await using var worker = WorkerProcess.Start([socket], "--unready=yes");
        var limit = Stopwatch.StartNew();
        while (!worker.Log.Contains("passed sockets", StringComparison.Ordinal))
        {
            Assert.True(limit.Elapsed < WorkerProcess.Limit, worker.Log);
            await Task.Delay(20);
        }

        Assert.False(worker.HasNotified("READY=1"));
        worker.Signal(15);
        await worker.Exited.WaitAsync(WorkerProcess.Limit);
        Assert.False(worker.HasNotified("READY=1"));
    }

    [Fact]
    public async Task A_descriptor_that_is_no_listening_socket_is_named()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [WorkerProcess.Program])
        {
            Environment = { ["STARLING_FDS"] = "77" },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(WorkerProcess.Limit);
        await process.WaitForExitAsync().WaitAsync(WorkerProcess.Limit);
        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("Descriptor 77, which this worker was told to listen on by STARLING_FDS or LISTEN_FDS, is no listening socket.", error);
    }

    [Fact]
    public async Task Without_a_supervisor_it_listens_where_it_is_told_and_drains()
    {
        using var process = ProcessSpawner.Spawn(new SpawnOptions
        {
            FileName = "dotnet",
            Arguments = [WorkerProcess.Program, "--urls=http://127.0.0.1:0"],
            Output = StandardStream.Pipe,
        });
        using var output = new StreamReader(process.StandardOutput!);
        try
        {
            var address = "";
            while (address.Length == 0)
            {
                var line = await output.ReadLineAsync().WaitAsync(WorkerProcess.Limit) ?? throw new InvalidOperationException("It ended.");
                address = line.Contains("Now listening on: ", StringComparison.Ordinal) ? line.Split("Now listening on: ")[1].Trim() : "";
            }

            using var client = new HttpClient { BaseAddress = new Uri(address) };
            await client.GetStringAsync("/");
            var slow = client.GetStringAsync("/slow");
            while (!(await output.ReadLineAsync().WaitAsync(WorkerProcess.Limit))!.Contains("/slow", StringComparison.Ordinal))
            {
                // Until the request has arrived.
            }

            Assert.True(process.Signal(15));
            Assert.Equal($"{process.Id}", await slow.WaitAsync(WorkerProcess.Limit));
            Assert.Contains("1 connections finished, 0 were cut", await output.ReadToEndAsync().WaitAsync(WorkerProcess.Limit));
            Assert.True((await process.Exited.WaitAsync(WorkerProcess.Limit)).IsSuccess);
        }
        finally
        {
            process.Signal(9);
        }
    }

    [Fact]
    public async Task Systemd_starts_it_by_socket_activation()
    {
        const string Activate = "/usr/bin/systemd-socket-activate";
        Assert.SkipUnless(File.Exists(Activate), "systemd-socket-activate of the Debian package systemd is not installed.");
        using var notify = new NotifySocket(isAbstract: true);
        int port;
        using (var free = Listening.OnTcp())
        {
            port = ((IPEndPoint)free.LocalEndPoint!).Port;
        }

        using var process = ProcessSpawner.Spawn(new SpawnOptions
        {
            FileName = Activate,
            Arguments = ["-l", $"127.0.0.1:{port}", "-E", "PATH", "-E", "HOME", "-E", "DOTNET_ROOT", "-E", $"NOTIFY_SOCKET={notify.Path}", "dotnet", WorkerProcess.Program],
            Output = StandardStream.Ignore,
            Error = StandardStream.Pipe,
        });
        using var errors = new StreamReader(process.StandardError!);
        try
        {
            // It listens, and starts the program at the first connection.
            var listening = await errors.ReadLineAsync().WaitAsync(WorkerProcess.Limit);
            Assert.Contains("Listening on", listening);
            _ = errors.ReadToEndAsync();
            Assert.Equal($"{process.Id}", await GetAsync(new IPEndPoint(IPAddress.Loopback, port), "/"));
            await notify.WaitAsync("READY=1").WaitAsync(WorkerProcess.Limit);
            await notify.WaitAsync($"MAINPID={process.Id}").WaitAsync(WorkerProcess.Limit);
            Assert.True(process.Signal(15));
            Assert.True((await process.Exited.WaitAsync(WorkerProcess.Limit)).IsSuccess);
        }
        finally
        {
            process.Signal(9);
        }
    }

    private static async Task<string> GetAsync(EndPoint endPoint, string path)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(endPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        return await client.GetStringAsync($"http://localhost{path}").WaitAsync(WorkerProcess.Limit);
    }
}
