using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>Clients of Socket.IO with connection state recovery stay through reloads as if nothing had happened.</summary>
public sealed class SocketIOReloadTests
{
    private const int Clients = 40;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("[\"--recovery\", \"true\"]")]
    [InlineData("[\"--recovery\", \"true\", \"--lean\", \"after\"]")]
    public async Task Reloads_lose_no_event_of_recovering_clients_in_either_direction(string arguments)
    {
        await using var home = new SupervisorHome();
        var port = SupervisorHome.FreePort();
        await home.DoAsync("start", home.Write("process.json", $$"""
            { "apps": [ {
              "name": "web", "script": "{{Hosts.Repository.WorkerTestApp}}", "args": {{arguments}}, "instances": 2, "listen": ["127.0.0.1:{{port}}"],
              "wait_ready": true, "listen_timeout": 60000, "kill_timeout": 20000
            } ] }
            """));
        using var clients = Process.Start(new ProcessStartInfo("node", ["scenarios/reload-workers.mjs", $"http://127.0.0.1:{port}", Clients.ToString(CultureInfo.InvariantCulture)])
        {
            WorkingDirectory = Path.Combine(Hosts.Repository.Root, "tests", "Starling.Conformance.Tests", "npm"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            Assert.Equal("ready", await clients.StandardOutput.ReadLineAsync(Cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(90), Cancelled));
            for (var i = 0; i < SurvivalTests.Reloads; i++)
            {
                using var report = JsonDocument.Parse(await home.DoAsync("reload", "web", "--json"));
                Assert.Equal(JsonValueKind.Null, report.RootElement[0].GetProperty("failure").ValueKind);
                foreach (var worker in report.RootElement[0].GetProperty("workers").EnumerateArray())
                {
                    Assert.False(worker.GetProperty("wasKilled").GetBoolean());
                }
            }

            clients.StandardInput.Close();
            var text = await clients.StandardOutput.ReadLineAsync(Cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(90), Cancelled);
            using var summary = JsonDocument.Parse(text!);
            Assert.True(Number("published") > 100, text);
            Assert.True(Number("lost") >= Clients, $"Clients have not felt the reloads: {text}");
            foreach (var fault in new[] { "failedPosts", "notRecovered", "changedIds", "missing", "twice", "disordered", "unanswered" })
            {
                Assert.True(Number(fault) == 0, $"{fault}: {text}\n{home.Log}");
            }

            Assert.True(Number("lost") == Number("recovered"), text);

            int Number(string name) => summary.RootElement.GetProperty(name).GetInt32();
        }
        finally
        {
            clients.Kill();
        }
    }
}
