using System.Net.Sockets;
using System.Text;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

/// <summary>One message, one path or one file must not make the supervisor deaf or end it.</summary>
public sealed class HardshipTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("process.send({ type: 1 })")]
    [InlineData("process.send({ type: 'starling:connections', taken: 'many', open: {} })")]
    [InlineData("process.send({ type: 'starling:drain', state: 7 })")]
    [InlineData("process.send('\\ud800')")]
    [InlineData("process.send({ '\\ud800': 1, type: '\\udfff', cmd: '\\ud800NODE_X' })")]
    [InlineData("process.send({ cmd: 'STARLING_ROUTE', to: '\\ud800', message: 1 })")]
    [InlineData("process.send({ cmd: 'STARLING_ROUTE', to: 4 })")]
    [InlineData("process.send({ cmd: 'NODE_CLUSTER', act: 5, ack: 'x', seq: {} })")]
    [InlineData("process.send({ cmd: 'NODE_CLUSTER', act: 'queryServer', seq: 'x', address: [], addressType: [] })")]
    [InlineData("process.send({ cmd: 'NODE_SOCKET_GET_COUNT', key: 1 })")]
    [InlineData("process.send({ cmd: 'NODE_HANDLE', type: 1, msg: 2 })")]
    [InlineData("process.send(JSON.parse('['.repeat(2000) + ']'.repeat(2000)))")]
    [InlineData("process.send('x'.repeat(17 * 1024 * 1024))")]
    [InlineData("for (const value of [null, true, 1e308, -0, '', [], {}, [[]], { a: { b: [null] } }, { cmd: null }, { cmd: {} }]) process.send(value)")]
    public async Task Whatever_a_process_sends_its_next_message_is_heard(string send)
    {
        await using var test = await TestSupervisor.StartAsync();
        foreach (var mode in new[] { ExecMode.Fork, ExecMode.Cluster })
        {
            var name = $"{mode}.js";
            var heard = HearAsync(test, name);
            await test.StartAsync(test.Script(name, $"process.on('message', () => 0); {send}; process.send({{ hello: 'afterwards' }});", "node") with { ExecMode = mode, ListenTimeout = TimeSpan.FromMilliseconds(1) });
            await heard.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        }
    }

    private static async Task HearAsync(TestSupervisor test, string name)
    {
        await foreach (var happened in test.Supervisor.ListenAsync(Cancelled))
        {
            if (happened.App == name && happened.Data == """{"hello":"afterwards"}""")
            {
                return;
            }
        }
    }

    [Fact]
    public async Task A_log_file_that_is_a_folder_concerns_its_application_alone()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("bad", "echo lost; exec sleep 600") with { Log = new LogConfig { OutFile = "/", ErrorFile = "/dev/null/x" } });
        await test.StartAsync(test.Script("good", "echo kept; exec sleep 600"));
        await Shell.WaitUntilAsync(() => test.Supervisor.TailAsync("good", 10, Cancelled).GetAwaiter().GetResult().Any(line => line.Text == "kept"), "the line of the other");
        Assert.Contains(await test.Supervisor.TailAsync("bad", 10, Cancelled), line => line.Text.Contains("cannot be read", StringComparison.Ordinal) || line.Text.Length == 0);
    }

    [Fact]
    public async Task A_process_that_ends_while_the_folder_cannot_be_written_is_started_again()
    {
        await using var test = await TestSupervisor.StartAsync();
        var before = (await test.StartAsync(test.Script("app", "exec sleep 600"))).Single();
        var (run, state) = (test.Supervisor.Folder.Run, test.Supervisor.Folder.StateFile);

        // A file in the place of the folder refuses root, too.
        Directory.Delete(run, recursive: true);
        await File.WriteAllTextAsync(run, "", Cancelled);
        Directory.CreateDirectory(state + ".new");
        await test.Supervisor.SignalAsync("app", "SIGKILL", Cancelled);
        var after = await test.WaitAsync("app", worker => worker is { Status: WorkerStatus.Online, Pid: { } pid } && pid != before.Pid, "online again");
        Assert.True(Directory.Exists($"/proc/{after.Pid}"));

        // Its notifications are heard as well.
        await Shell.WaitUntilAsync(() => NotifySocketOf(after.Pid!.Value) is not null, "the environment");
        Assert.StartsWith("@", NotifySocketOf(after.Pid!.Value), StringComparison.Ordinal);
        Directory.Delete(state + ".new");
    }

    [Fact]
    public async Task A_notification_that_cannot_be_read_does_not_hide_the_next_one()
    {
        await using var test = await TestSupervisor.StartAsync();
        var starting = test.StartAsync(test.Script("app", "exec sleep 600") with { WaitReady = true, ListenTimeout = TimeSpan.FromMinutes(2) });
        var worker = await test.WaitAsync("app", worker => worker.Pid is not null, "started");
        await Shell.WaitUntilAsync(() => NotifySocketOf(worker.Pid!.Value) is not null, "the environment");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var address = new UnixDomainSocketEndPoint(NotifySocketOf(worker.Pid!.Value)!);
        foreach (var text in new[] { "X_STARLING_DRAIN=finished=1 finished=2 cut=9", "X_STARLING_DRAIN=finished=-9999999999 cut=x", "X_STARLING_DRAIN=", "=", "\n", "READY=1" })
        {
            await socket.SendToAsync(Encoding.UTF8.GetBytes(text), address, Cancelled);
        }

        Assert.Equal(WorkerStatus.Online, (await starting).Single().Status);
    }

    [Fact]
    public async Task A_program_that_is_replaced_while_its_process_ends_is_tried_again()
    {
        await using var test = await TestSupervisor.StartAsync();
        var path = Path.Combine(test.Folder, "program");
        await File.WriteAllTextAsync(path, "#!/bin/sh\nexec sleep 600\n", Cancelled);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var before = (await test.StartAsync(new AppConfig { Name = "app", Script = path, Cwd = test.Folder })).Single();
        File.Move(path, path + ".old");
        await test.Supervisor.SignalAsync("app", "SIGKILL", Cancelled);
        await test.WaitAsync("app", worker => worker.Status == WorkerStatus.WaitingRestart && worker.Reason!.Contains("no such file", StringComparison.Ordinal), "waiting for the program");
        File.Move(path + ".old", path);
        await test.WaitAsync("app", worker => worker is { Status: WorkerStatus.Online, Pid: { } pid } && pid != before.Pid, "online again");
    }

    [Fact]
    public async Task What_cannot_be_saved_says_why()
    {
        await using var test = await TestSupervisor.StartAsync();
        Directory.CreateDirectory(test.Supervisor.Folder.SavedFile + ".new");
        var refused = await Assert.ThrowsAsync<SupervisorException>(() => test.Supervisor.SaveAsync(Cancelled));
        Assert.Contains("cannot be written", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"groups\":[null,{},{\"record\":{}}]}")]
    public async Task A_state_that_makes_no_sense_does_not_keep_the_supervisor_from_starting(string state)
    {
        using var folder = new ScratchFolder();
        folder.File("home/state.json", state);
        await using var supervisor = await LocalSupervisor.StartAsync(new SupervisorOptions { Folder = folder.Combine("home") }, Cancelled);
        Assert.Empty(await supervisor.ListAsync(Cancelled));
    }

    private static string? NotifySocketOf(int pid) => Spawning.Environments.Of(pid).GetValueOrDefault("NOTIFY_SOCKET");
}
