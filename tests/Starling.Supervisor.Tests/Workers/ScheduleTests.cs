using Starling.Server.Tests;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Health;
using Starling.Supervisor.Health.Heap;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

/// <summary>Restarts that nobody asks for, and limits.</summary>
public sealed class ScheduleTests
{
    private const string EverySecond = "* * * * * *";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_is_not_started_again_by_itself_runs_again_when_it_is_time()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("backup", "echo run >> runs") with { AutoRestart = false, CronRestart = EverySecond });
        await Shell.WaitUntilAsync(() => File.ReadLines(Path.Combine(test.Folder, "runs")).Count() >= 3, "three runs");

        // What was stopped by request stays stopped. The other application shows that the time has come twice meanwhile.
        await test.Supervisor.StopAsync("backup", Cancelled);
        var runs = (await File.ReadAllLinesAsync(Path.Combine(test.Folder, "runs"), Cancelled)).Length;
        await test.StartAsync(test.Script("clock", "exec sleep 600") with { CronRestart = EverySecond });
        await test.WaitAsync("clock", worker => worker.Restarts >= 2, "restarted twice");
        Assert.Equal(runs, (await File.ReadAllLinesAsync(Path.Combine(test.Folder, "runs"), Cancelled)).Length);
    }

    [Fact]
    public async Task A_run_that_is_under_way_is_left_to_finish_where_overlaps_are_skipped()
    {
        await using var test = await TestSupervisor.StartAsync();
        var before = (await test.StartAsync(test.Script("long", "exec sleep 600") with { AutoRestart = false, CronRestart = EverySecond, CronOverlap = CronOverlap.Skip })).Single();
        await test.StartAsync(test.Script("clock", "exec sleep 600") with { CronRestart = EverySecond });
        await test.WaitAsync("clock", worker => worker.Restarts >= 2, "restarted twice");
        Assert.Equal((before.Pid, 0), (await test.Supervisor.ListAsync(Cancelled)).Where(worker => worker.Name == "long").Select(worker => (worker.Pid, worker.Restarts)).Single());
        await test.Supervisor.SignalAsync("long", "SIGKILL", Cancelled);
        await test.WaitAsync("long", worker => worker is { Status: WorkerStatus.Online, Pid: { } pid } && pid != before.Pid, "run again");
    }

    [Fact]
    public void Restarts_by_watched_files_are_braked_when_they_come_again_and_again()
    {
        var time = new ManualTime();
        var brake = new WatchBrake(time);
        var restarts = 0;
        for (var elapsed = TimeSpan.Zero; elapsed < TimeSpan.FromMinutes(1); restarts++)
        {
            var pause = TimeSpan.FromMilliseconds(250) + brake.Next();
            time.Advance(pause);
            elapsed += pause;
        }

        Assert.InRange(restarts, WatchBrake.Free, 20);
        time.Advance(WatchBrake.Window + TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, brake.Next());
    }

    [Fact]
    public async Task An_application_that_writes_what_it_watches_is_braked()
    {
        await using var test = await TestSupervisor.StartAsync();
        var data = Directory.CreateDirectory(Path.Combine(test.Folder, "data")).FullName;
        await test.StartAsync(test.Script("app", "echo run >> data/runs; exec sleep 600") with { Watch = [data], WatchDelay = TimeSpan.FromMilliseconds(1), KillTimeout = TimeSpan.FromMilliseconds(100) });
        await File.WriteAllTextAsync(Path.Combine(data, "first"), "", Cancelled);
        await test.WaitAsync("app", worker => worker.Restarts >= WatchBrake.Free, "restarted often");
        var start = System.Diagnostics.Stopwatch.StartNew();
        await test.WaitAsync("app", worker => worker.Restarts >= WatchBrake.Free + 3, "restarted more");
        Assert.True(start.Elapsed > TimeSpan.FromSeconds(2), $"Three restarts in {start.Elapsed}.");
    }

    [Fact]
    public async Task The_limit_of_memory_counts_what_a_process_started()
    {
        await using var test = await TestSupervisor.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(test.Folder, "hungry.js"), "const a = []; setInterval(() => a.push(Buffer.alloc(5e6, 1)), 10);", Cancelled);
        var before = (await test.StartAsync(test.Script("start.sh", "node hungry.js; true") with { MaxMemoryRestart = 150_000_000 })).Single();
        await test.WaitAsync("start.sh", worker => worker.Pid is { } pid && pid != before.Pid, "restarted");
    }

    [Fact]
    public void The_newest_five_reports_of_a_heap_are_kept()
    {
        using var folder = new ScratchFolder();
        for (var i = 0; i < 9; i++)
        {
            folder.File($"app-1-heap-2026010{i}-000000.txt", "");
        }

        folder.File("app-11-heap-20250101-000000.txt", "");
        HeapReports.Keep(folder.Path, "app-1-heap-", 5);
        Assert.Equal(["4", "5", "6", "7", "8"], Directory.GetFiles(folder.Path, "app-1-heap-*").Order().Select(path => Path.GetFileName(path).Substring(18, 1)));
        Assert.Single(Directory.GetFiles(folder.Path, "app-11-*"));
    }

    [Fact]
    public async Task Of_an_application_that_is_scaled_to_none_one_stays_in_the_list_stopped()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("app", "exec sleep 600") with { Instances = 3 });
        var none = Assert.Single(await test.Supervisor.ScaleAsync("app", "0", Cancelled));
        Assert.Equal((WorkerStatus.Stopped, (int?)null), (none.Status, none.Pid));
        Assert.Equal(2, (await test.Supervisor.ScaleAsync("app", "+2", Cancelled)).Count(worker => worker.Status == WorkerStatus.Online));
    }
}
