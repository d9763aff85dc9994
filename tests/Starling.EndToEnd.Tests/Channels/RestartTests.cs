using System.Diagnostics;
using System.Text.Json;
using Starling.EndToEnd.Tests.Browsers;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Channels;

/// <summary>Subscribers live through restarts of the server: nothing is missing and nothing comes twice.</summary>
public sealed class RestartTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Topic = "https://example.com/counter";
    private const int PerRun = 20;
    private const int Runs = 3;

    [Fact]
    public async Task EventSource_in_Chromium_goes_on_without_gap_or_double()
    {
        var context = await chromium.Require().NewContextAsync();
        var page = await context.NewPageAsync();
        await RestartAsync(
            async url =>
            {
                await page.GotoAsync(url);
                await page.EvaluateAsync(
                    """
                    (topic) => {
                      window.seen = [];
                      const source = new EventSource('/.well-known/mercure?match=' + encodeURIComponent(topic));
                      source.onmessage = (event) => window.seen.push(event.data);
                      source.addEventListener('mercure', (event) => window.seen.push('hub: ' + event.data));
                      return new Promise((resolve) => source.onopen = resolve);
                    }
                    """,
                    Topic);
            },
            async () => await page.EvaluateAsync<string[]>("window.seen"));
        await context.CloseAsync();
    }

    [Fact]
    public async Task The_npm_package_eventsource_goes_on_without_gap_or_double()
    {
        Process? node = null;
        var seen = new List<string>();
        try
        {
            await RestartAsync(
                async url =>
                {
                    var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    node = Process.Start(new ProcessStartInfo("node", ["scenarios/eventsource.mjs", $"{url}/.well-known/mercure?match={Uri.EscapeDataString(Topic)}"])
                    {
                        WorkingDirectory = Path.Combine(Repository.Root, "tests", "Starling.Conformance.Tests", "npm"),
                        RedirectStandardOutput = true,
                    })!;
                    node.OutputDataReceived += (_, line) => Take(line.Data, seen, opened);
                    node.BeginOutputReadLine();
                    await opened.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
                },
                () =>
                {
                    lock (seen)
                    {
                        return Task.FromResult(seen.ToArray());
                    }
                });
        }
        finally
        {
            node?.Kill();
        }
    }

    private static void Take(string? line, List<string> seen, TaskCompletionSource opened)
    {
        if (line is null)
        {
            return;
        }

        var item = JsonDocument.Parse(line).RootElement;
        switch (item.GetProperty("type").GetString())
        {
            case "open":
                opened.TrySetResult();
                break;
            case "error":
                break;
            default:
                lock (seen)
                {
                    seen.Add(item.GetProperty("data").GetString()!);
                }

                break;
        }
    }

    // The first restart is a kill, the second a drain; the client is left alone all the time.
    private static async Task RestartAsync(Func<string, Task> subscribe, Func<Task<string[]>> seen)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var data = Directory.CreateTempSubdirectory("starling-").FullName;
        try
        {
            var url = "http://127.0.0.1:0";
            for (var run = 0; run < Runs; run++)
            {
                await using var host = await HostProcess.ServeAsync(url, cancellation, data);
                url = host.Url;
                if (run == 0)
                {
                    await subscribe(url);
                }

                var lines = string.Concat(Enumerable.Range(run * PerRun, PerRun).Select(i => $"{i}\n"));
                var (exitCode, _, error) = await HostProcess.RunAsync(
                    ["publish", Topic, "--hub", url + "/.well-known/mercure", "--data", data], cancellation, lines);
                Assert.True(exitCode == 0, error);
                if (run == 0)
                {
                    await host.KillAsync();
                }
                else if (run < Runs - 1)
                {
                    await host.TerminateAsync(cancellation);
                    Assert.Equal(0, await host.WaitForExitAsync(TimeSpan.FromSeconds(15), cancellation));
                }
                else
                {
                    string[] got = [];
                    for (var i = 0; i < 300 && got.Length < Runs * PerRun; i++)
                    {
                        await Task.Delay(100, cancellation);
                        got = await seen();
                    }

                    Assert.Equal(Enumerable.Range(0, Runs * PerRun).Select(i => $"{i}"), got);
                }
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}
