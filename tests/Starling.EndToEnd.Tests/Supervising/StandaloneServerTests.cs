using System.Net;
using System.Text.Json;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>The standalone server under the supervisor: one process, since it has a folder of data, and nobody who comes is turned away.</summary>
public sealed class StandaloneServerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reload_of_the_standalone_server_refuses_nobody()
    {
        await using var home = new SupervisorHome();
        var port = SupervisorHome.FreePort();
        await home.DoAsync("start", Write(home, port, isExclusive: true));
        var page = new Uri($"http://127.0.0.1:{port}/draw/");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var visits = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => VisitAsync(page, stop.Token), Cancelled)));
        for (var i = 0; i < 2; i++)
        {
            using var report = JsonDocument.Parse(await home.DoAsync("reload", "realtime", "--json"));
            Assert.Equal(JsonValueKind.Null, report.RootElement[0].GetProperty("failure").ValueKind);
            var worker = report.RootElement[0].GetProperty("workers")[0];
            Assert.NotEqual(worker.GetProperty("oldPid").GetInt32(), worker.GetProperty("newPid").GetInt32());
            Assert.Equal((false, 0), (worker.GetProperty("wasKilled").GetBoolean(), worker.GetProperty("cut").GetInt32()));
        }

        await stop.CancelAsync();
        Assert.All(await visits, visited => Assert.True(visited > 2, $"{visited} visits"));
    }

    [Fact]
    public async Task A_second_process_that_cannot_have_the_data_says_so_in_the_answer_to_the_command()
    {
        await using var home = new SupervisorHome();
        await home.DoAsync("start", Write(home, SupervisorHome.FreePort(), isExclusive: false));
        var (code, output, error) = await home.RunAsync("reload", "realtime");
        Assert.Equal(1, code);
        var said = string.Join(' ', (output + error).Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("the process that ran before goes on, since the process ended at once (exit code 1): The data folder cannot be used:", said);
        Assert.Contains("Choose another one with --data.", said);
    }

    private static string Write(SupervisorHome home, int port, bool isExclusive) => home.Write("process.json", $$"""
        { "apps": [ {
          "name": "realtime", "script": "{{Hosts.Repository.Host}}", "args": ["serve", "--data", "{{Path.Combine(home.Folder, "data")}}"], "listen": ["127.0.0.1:{{port}}"],
          "wait_ready": true, "listen_timeout": 60000, "exclusive": {{(isExclusive ? "true" : "false")}}
        } ] }
        """);

    /// <summary>Comes again and again by a new connection, and returns how often.</summary>
    private static async Task<int> VisitAsync(Uri page, CancellationToken stop)
    {
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            using var client = new HttpClient();
            using var response = await client.GetAsync(page, CancellationToken.None);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        return count;
    }
}
