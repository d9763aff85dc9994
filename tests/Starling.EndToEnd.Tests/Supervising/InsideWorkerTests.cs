using System.Diagnostics;
using System.Text.Json;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>Commands that are given from inside a worker: by a deploy hook, or in a terminal that a worker opened.</summary>
public sealed class InsideWorkerTests
{
    private const string Wait = "setInterval(() => {}, 1000);";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_supervisor_that_is_started_from_inside_a_worker_ends_neither_itself_nor_what_it_runs()
    {
        await using var home = new SupervisorHome();
        var folder = home.Environment["STARLING_HOME"];
        await home.DoAsync("start", home.Write("app.js", Wait), "--name", "app", "-i", "2");

        // As the environment of a shell below the first worker has it.
        home.Environment["STARLING_WORKER"] = folder + "#1";
        home.Environment["STARLING_CLUSTER"] = Path.Combine(folder, "c", "other");
        await home.DoAsync("save");
        await home.DoAsync("kill");
        using var stray = StartStray(folder + "#2");
        await home.DoAsync("resurrect");
        var before = Pids(await home.ListAsync());

        // Strays are ended some seconds after a start, all together: then it would have happened.
        await home.WaitForLogAsync(log => log.Contains($"process {stray.Id})", StringComparison.Ordinal), "end of the stray");
        Assert.Equal(before, Pids(await home.ListAsync()));
        Assert.Single(home.Processes("keeper"));
        Assert.Single(home.Processes("daemon"));
        foreach (var pid in before)
        {
            Assert.DoesNotContain("STARLING_CLUSTER=" + home.Environment["STARLING_CLUSTER"], await File.ReadAllTextAsync($"/proc/{pid}/environ", Cancelled), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("STARLING_WORKER", await File.ReadAllTextAsync($"/proc/{home.Processes("daemon").Single()}/environ", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_that_left_its_worker_saves_kills_and_resurrects_to_its_end()
    {
        await using var home = new SupervisorHome();
        home.Write("hook.sh", $"dotnet {Hosts.Repository.Host} save && dotnet {Hosts.Repository.Host} kill && dotnet {Hosts.Repository.Host} resurrect && touch done");
        await home.DoAsync("start", home.Write("app.sh", "[ -e begun ] || { touch begun; (setsid sh hook.sh > hook.log 2>&1 &) ; }; exec sleep 600"), "--name", "app");
        var path = Path.Combine(home.Folder, "done");
        for (var start = Stopwatch.GetTimestamp(); !File.Exists(path);)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(90), $"The hook said: {await File.ReadAllTextAsync(Path.Combine(home.Folder, "hook.log"), Cancelled)}\n{home.Log}");
            await Task.Delay(100, Cancelled);
        }

        var workers = await home.WaitAsync(workers => workers.Length == 1 && workers[0].GetProperty("status").GetString() == "online", "online");
        Assert.True(Directory.Exists($"/proc/{Pids(workers).Single()}"));
        Assert.Single(home.Processes("daemon"));
    }

    private static Process StartStray(string mark)
    {
        var start = new ProcessStartInfo("sleep", ["600"]);
        start.Environment["STARLING_WORKER"] = mark;
        return Process.Start(start)!;
    }

    private static int[] Pids(JsonElement[] workers) => [.. workers.Select(worker => worker.GetProperty("pid").GetInt32())];
}
