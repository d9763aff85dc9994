using System.Globalization;
using System.Text.Json;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>Every command of the supervisor, typed into a real terminal where it draws something.</summary>
public sealed class CommandTests
{
    private const string Ticker = """
        let n = 0;
        process.on('message', message => console.log('message', JSON.stringify(message)));
        process.on('SIGUSR2', () => console.log('signal'));
        setInterval(() => console.log('tick', ++n, process.env.COLOUR ?? ''), 100);
        """;

    [Fact]
    public async Task A_process_goes_through_its_life_by_commands()
    {
        await using var home = new SupervisorHome();
        var script = home.Write("ticker.js", Ticker);
        await using (var terminal = await home.TerminalAsync("start", script, "-i", "2", "--name", "ticker"))
        {
            Assert.Equal(0, await terminal.WaitForEndAsync());
            var screen = await terminal.ScreenAsync();
            Assert.Equal(2, screen.Split("online").Length - 1);
            Assert.Contains("ticker", screen, StringComparison.Ordinal);
        }

        await using (var terminal = await home.TerminalAsync("logs", "ticker", "-f"))
        {
            await terminal.WaitForAsync("ticker (1) | tick");
            await terminal.PressAsync("C-c");
            Assert.Equal(0, await terminal.WaitForEndAsync());
        }

        Assert.Contains("2 processes got the message", await home.DoAsync("send", "ticker", """{"a":1}"""), StringComparison.Ordinal);
        Assert.Contains("1 process got the signal", await home.DoAsync("signal", "USR2", "0"), StringComparison.Ordinal);
        await using (var terminal = await home.TerminalAsync("logs", "0", "--lines", "200"))
        {
            await terminal.WaitForEndAsync();
            var screen = await terminal.ScreenAsync();
            Assert.Contains("""message {"a":1}""", screen, StringComparison.Ordinal);
            Assert.Contains("signal", screen, StringComparison.Ordinal);
        }

        Assert.Equal(3, Rows(await home.DoAsync("scale", "ticker", "+1")));
        Assert.Equal(1, Rows(await home.DoAsync("scale", "ticker", "-2")));
        var before = (await home.ListAsync()).Single();
        home.Environment["COLOUR"] = "blue";
        await home.DoAsync("restart", "ticker", "--update-env");
        var after = (await home.ListAsync()).Single();
        Assert.NotEqual(before.GetProperty("pid").GetInt32(), after.GetProperty("pid").GetInt32());
        Assert.Equal(1, after.GetProperty("restarts").GetInt32());
        Assert.Contains("COLOUR=blue", await home.DoAsync("env", "ticker"), StringComparison.Ordinal);
        Assert.Contains("process", await home.DoAsync("reload", "all"), StringComparison.Ordinal);
        Assert.Contains(script, await home.DoAsync("info", "ticker"), StringComparison.Ordinal);
        await home.DoAsync("stop", "ticker");
        Assert.Equal("stopped", (await home.ListAsync()).Single().GetProperty("status").GetString());
        await home.DoAsync("flush", "ticker");
        Assert.Equal("", await home.DoAsync("logs", "ticker", "--raw"));
        await home.DoAsync("start", "ticker");
        Assert.Equal("online", (await home.ListAsync()).Single().GetProperty("status").GetString());
        await home.DoAsync("save");
        await home.DoAsync("delete", "all");
        Assert.Empty(await home.ListAsync());
        await home.DoAsync("resurrect");
        Assert.Equal("online", (await home.ListAsync()).Single().GetProperty("status").GetString());
        await home.DoAsync("kill");
        Assert.Empty(await home.ListAsync());
        await home.DoAsync("resurrect");
        Assert.Equal("ticker", (await home.ListAsync()).Single().GetProperty("name").GetString());
    }

    [Fact]
    public async Task Monit_shows_processes_and_logs_and_acts_on_keys()
    {
        await using var home = new SupervisorHome();
        await home.DoAsync("start", home.Write("ticker.js", Ticker), "--name", "first");
        await home.DoAsync("start", home.Write("other.js", Ticker), "--name", "second");
        await using var terminal = await home.TerminalAsync("monit");
        var screen = await terminal.WaitForAsync(text => text.Contains("first (0)", StringComparison.Ordinal) && text.Contains("tick", StringComparison.Ordinal), "the first log");
        await File.WriteAllTextAsync(Path.Combine(Hosts.Repository.Screenshots, "monit.txt"), screen, TestContext.Current.CancellationToken);
        await terminal.PressAsync("Down");
        await terminal.WaitForAsync("second (1)");
        await terminal.TypeAsync("s");
        await terminal.WaitForAsync("stopped");
        await terminal.TypeAsync("r");
        await terminal.WaitForAsync(text => !text.Contains("stopped", StringComparison.Ordinal), "online again");
        await terminal.TypeAsync("q");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    [Fact]
    public async Task Web_gives_what_pm2_web_gives()
    {
        await using var home = new SupervisorHome();
        await home.DoAsync("start", home.Write("ticker.js", Ticker), "--name", "ticker");
        var port = SupervisorHome.FreePort();
        await using var terminal = await home.TerminalAsync("web", "--urls", $"http://127.0.0.1:{port}");
        await terminal.WaitForAsync("Listening on");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var json = JsonDocument.Parse(await client.GetStringAsync("/", TestContext.Current.CancellationToken));
        var process = json.RootElement.GetProperty("processes")[0];
        Assert.Equal(("ticker", "online"), (process.GetProperty("name").GetString(), process.GetProperty("pm2_env").GetProperty("status").GetString()));
        Assert.True(json.RootElement.GetProperty("monit").GetProperty("total_mem").GetInt64() > 0);
        Assert.Contains("starling_worker_up{app=\"ticker\",namespace=\"default\",id=\"0\"} 1", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // A page elsewhere whose name leads here (DNS rebinding), or that asks from its own origin, does not learn what runs.
        foreach (var (header, value) in new[] { ("Host", "evil.example"), ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add(header, value);
            using var refused = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.DoesNotContain("ticker", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_cannot_be_done_is_one_clear_line_and_an_exit_code()
    {
        await using var home = new SupervisorHome();
        var (code, _, error) = await home.RunAsync("stop", "all");
        Assert.Equal(1, code);
        Assert.Contains("there is no supervisor", error, StringComparison.Ordinal);
        Assert.Contains("Nothing runs", await home.DoAsync("list"), StringComparison.Ordinal);
        await RefuseAsync(home, ["start", "missing.js"], "does not exist");
        await RefuseAsync(home, ["start", home.Write("bad.json", "{ \"apps\": [ { \"name\": \"a\" \"script\": 1 } ] }")], "bad.json");
        await RefuseAsync(home, ["start", home.Write("ports.json", """{ "apps": [ { "name": "a", "script": "sleep", "listen": ["127.0.0.1:99999"] } ] }""")], "99999");
        await home.DoAsync("start", home.Write("ticker.js", Ticker), "--name", "billing");
        await RefuseAsync(home, ["stop", "biling"], "Did you mean 'billing'?");
        await RefuseAsync(home, ["scale", "billing", "lots"], "write 4, +2 or -1");
        await RefuseAsync(home, ["signal", "SIGNONSENSE", "billing"], "There is no signal");
        await RefuseAsync(home, ["start", home.Write("x.js", ""), "--max-memory-restart", "much"], "max_memory_restart");
        Assert.Single(await home.ListAsync());
    }

    [Fact]
    public async Task Commands_at_the_same_moment_start_one_supervisor()
    {
        await using var home = new SupervisorHome();
        var script = home.Write("ticker.js", Ticker);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => home.DoAsync("start", script, "--name", string.Create(CultureInfo.InvariantCulture, $"app{i}"))));
        Assert.Equal(4, (await home.ListAsync()).Length);
        Assert.Single(home.Processes("keeper"));
        Assert.Single(home.Processes("daemon"));
    }

    [Fact]
    public async Task A_shell_completes_commands_and_names()
    {
        await using var home = new SupervisorHome();
        await home.DoAsync("start", home.Write("ticker.js", Ticker), "--name", "billing");
        Assert.Contains("restart", await home.DoAsync("[suggest:11]", "starling re"), StringComparison.Ordinal);
        Assert.Contains("billing", await home.DoAsync("[suggest:14]", "starling stop "), StringComparison.Ordinal);
        Assert.Contains("complete -o default -F _starling starling", await home.DoAsync("completion", "bash"), StringComparison.Ordinal);
    }

    private static async Task RefuseAsync(SupervisorHome home, string[] arguments, string reason)
    {
        var (code, output, error) = await home.RunAsync(arguments);
        Assert.Equal(1, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + error, StringComparison.Ordinal);
    }

    private static int Rows(string table) => table.Split("online").Length - 1;
}
