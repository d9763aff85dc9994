using System.Globalization;

namespace Starling.EndToEnd.Tests.Supervising;

public sealed class MemoryTests
{
    [Fact]
    public async Task A_worker_that_holds_too_much_is_replaced_and_what_fills_its_heap_is_written_down()
    {
        await using var home = new SupervisorHome();
        var port = SupervisorHome.FreePort();
        await home.DoAsync("start", home.Write("process.json", $$"""
            { "apps": [ {
              "name": "web", "script": "{{Hosts.Repository.WorkerTestApp}}", "listen": ["127.0.0.1:{{port}}"], "wait_ready": true, "listen_timeout": 60000,
              "max_memory_restart": "300M"
            } ] }
            """));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
        var former = await client.GetStringAsync("/", SupervisorHome.Cancelled);
        await client.GetStringAsync("/leak?megabytes=350", SupervisorHome.Cancelled);

        // Replaced as by a reload: whoever asks gets an answer all the time.
        var asking = Task.Run(async () =>
        {
            while (await client.GetStringAsync("/", SupervisorHome.Cancelled) == former)
            {
                await Task.Delay(20, SupervisorHome.Cancelled);
            }
        });
        var workers = await home.WaitAsync(
            workers => workers[0].GetProperty("restarts").GetInt32() > 0 && workers[0].GetProperty("status").GetString() == "online", "replaced");
        Assert.NotEqual(int.Parse(former, CultureInfo.InvariantCulture), workers[0].GetProperty("pid").GetInt32());
        await asking.WaitAsync(TimeSpan.FromSeconds(60), SupervisorHome.Cancelled);

        var report = Directory.GetFiles(Path.Combine(home.Environment["STARLING_HOME"], "logs"), "web-0-heap-*.txt").Single();
        var lines = await File.ReadAllLinesAsync(report, SupervisorHome.Cancelled);
        Assert.Contains("max_memory_restart", lines[0], StringComparison.Ordinal);
        Assert.True(
            lines.Any(static line => line.EndsWith("  Leaked", StringComparison.Ordinal) && line.Contains(" +350 ", StringComparison.Ordinal)),
            string.Join('\n', lines));
        Assert.Contains("what its heap grew by is in " + report, home.Log, StringComparison.Ordinal);
    }
}
