using System.Diagnostics;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

/// <summary>What a stop reaches, and what it waits for.</summary>
public sealed class StopTests
{
    private const string Server = "trap 'echo done > cleaned; exit 0' INT; touch up; while :; do sleep 0.05; done";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sh server.sh; echo after")]
    [InlineData("sh server.sh | cat")]
    [InlineData("sh -c 'sh server.sh; true'; true")]
    public async Task The_signal_reaches_what_a_script_or_a_pipeline_started(string script)
    {
        await using var test = await TestSupervisor.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(test.Folder, "server.sh"), Server, Cancelled);
        await test.StartAsync(test.Script("run.sh", script) with { KillTimeout = TimeSpan.FromMinutes(2) });
        await Shell.WaitUntilAsync(() => File.Exists(Path.Combine(test.Folder, "up")), "the server");
        await StopSoonAsync(test, "run.sh");
        Assert.True(File.Exists(Path.Combine(test.Folder, "cleaned")), "The server had no time to clean up.");
    }

    [Fact]
    public async Task The_signal_reaches_what_npm_started()
    {
        await using var test = await TestSupervisor.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(test.Folder, "server.sh"), Server, Cancelled);
        await File.WriteAllTextAsync(Path.Combine(test.Folder, "package.json"), """{ "scripts": { "start": "sh server.sh" } }""", Cancelled);
        var npm = ProgramSearch.Find("npm");
        Assert.SkipWhen(npm is null, "npm is not installed.");
        await test.StartAsync(new AppConfig { Name = "npm", Script = npm!, Args = ["start"], Cwd = test.Folder, KillTimeout = TimeSpan.FromMinutes(2), Env = new Dictionary<string, string> { ["HOME"] = test.Folder } });
        await Shell.WaitUntilAsync(() => File.Exists(Path.Combine(test.Folder, "up")), "the server", seconds: 60);
        await StopSoonAsync(test, "npm");
        Assert.True(File.Exists(Path.Combine(test.Folder, "cleaned")), "The server had no time to clean up.");
    }

    [Fact]
    public async Task What_does_not_end_by_the_signal_is_ended_by_force_with_the_tree()
    {
        await using var test = await TestSupervisor.StartAsync();
        var marker = Guid.NewGuid().ToString();
        await test.StartAsync(test.Script("app", "sh -c 'trap \"\" INT; touch up; while :; do sleep 0.05; done' & wait; wait") with
        {
            KillTimeout = TimeSpan.FromMilliseconds(300),
            Env = new Dictionary<string, string> { ["MARKER"] = marker },
        });
        await Shell.WaitUntilAsync(() => File.Exists(Path.Combine(test.Folder, "up")), "the child");
        await StopSoonAsync(test, "app");
        Assert.Empty(Shell.Marked(marker));
    }

    [Fact]
    public async Task Without_treekill_only_the_main_process_is_told_and_the_rest_is_not_waited_for()
    {
        await using var test = await TestSupervisor.StartAsync();
        var marker = Guid.NewGuid().ToString();
        await test.StartAsync(test.Script("app", "sh -c 'trap \"touch told\" INT; touch up; while :; do sleep 0.05; done' & trap 'exit 0' INT; while :; do wait; done") with
        {
            TreeKill = false,
            KillTimeout = TimeSpan.FromMinutes(2),
            Env = new Dictionary<string, string> { ["MARKER"] = marker },
        });
        try
        {
            await Shell.WaitUntilAsync(() => File.Exists(Path.Combine(test.Folder, "up")), "the child");
            await StopSoonAsync(test, "app");
            Assert.NotEmpty(Shell.Marked(marker));
            Assert.False(File.Exists(Path.Combine(test.Folder, "told")));
        }
        finally
        {
            foreach (var id in Shell.Marked(marker))
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
        }
    }

    [Fact]
    public async Task Children_that_left_the_session_and_their_parent_end_with_the_application()
    {
        await using var test = await TestSupervisor.StartAsync();
        var marker = Guid.NewGuid().ToString();
        await test.StartAsync(test.Script("app", "setsid sh -c 'setsid sh -c \"touch up; exec sleep 600\" & exit' & exec sleep 600") with
        {
            KillTimeout = TimeSpan.FromSeconds(2),
            Env = new Dictionary<string, string> { ["MARKER"] = marker },
        });
        await Shell.WaitUntilAsync(() => File.Exists(Path.Combine(test.Folder, "up")), "the child");
        await test.Supervisor.StopAsync("app", Cancelled);
        await Shell.WaitUntilGoneAsync(marker);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_start_that_waits_for_readiness()
    {
        await using var test = await TestSupervisor.StartAsync();
        var starting = test.StartAsync(test.Script("app", "exec sleep 600") with { WaitReady = true, ListenTimeout = TimeSpan.FromMinutes(5) });
        await test.WaitAsync("app", worker => worker is { Status: WorkerStatus.Starting, Pid: not null }, "starting");
        await StopSoonAsync(test, "app");
        Assert.Equal(WorkerStatus.Stopped, (await test.Supervisor.ListAsync(Cancelled)).Single().Status);
        await starting.WaitAsync(Soon, Cancelled);
    }

    private static async Task StopSoonAsync(TestSupervisor test, string name)
    {
        var stop = Stopwatch.StartNew();
        await test.Supervisor.StopAsync(name, Cancelled);
        Assert.True(stop.Elapsed < Soon, $"It took {stop.Elapsed}.");
    }
}
