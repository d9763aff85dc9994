using System.Text.Json;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>What <c>start</c> and the other commands make of their options and words.</summary>
public sealed class StartOptionTests
{
    private const string Idle = """
        console.log('arguments', JSON.stringify(process.argv.slice(2)), JSON.stringify(process.execArgv));
        process.on('message', message => console.log('message', JSON.stringify(message)));
        setInterval(() => {}, 1000);
        """;

    [Theory]
    [InlineData("There is no option '--uidd' of 'starling start'; did you mean '--uid'?", "start", "SCRIPT", "--uidd", "nobody")]
    [InlineData("There is no option '--instence' of 'starling start'; did you mean '--instances'?", "start", "--instence=4", "SCRIPT")]
    [InlineData("There is no option '-z' of 'starling start'", "start", "SCRIPT", "-z")]
    [InlineData("'--no-pmx' is not an option of 'starling start': it belongs to a hosted service of PM2", "start", "SCRIPT", "--no-pmx")]
    [InlineData("There is no option '--update-evn' of 'starling restart'; did you mean '--update-env'?", "restart", "all", "--update-evn")]
    [InlineData("There is no option '--jsn' of 'starling list'; did you mean '--json'?", "list", "--jsn")]
    [InlineData("There is no option '--all' of 'starling stop'", "stop", "--all")]
    [InlineData("There is no option '--privat' of 'starling publish'; did you mean '--private'?", "publish", "--privat")]
    [InlineData("the script FOLDER/extra does not exist", "start", "SCRIPT", "extra")]
    [InlineData("Unrecognized command or argument '5'", "scale", "app", "4", "5")]
    [InlineData("--name x names one application, and there are 2", "start", "SCRIPT", "other.js", "--name", "x")]
    [InlineData("--uid cannot be combined with a process file; set \"uid\" in process.json", "start", "process.json", "--uid", "nobody")]
    public async Task Unknown_options_and_extra_words_are_refused_and_nothing_starts(string reason, params string[] arguments)
    {
        await using var home = new SupervisorHome();
        var script = home.Write("app.js", Idle);
        home.Write("other.js", Idle);
        home.Write("process.json", """{ "script": "app.js" }""");
        var (code, _, error) = await home.RunAsync([.. arguments.Select(argument => argument == "SCRIPT" ? script : argument)]);
        Assert.Equal(1, code);
        Assert.Contains(reason.Replace("FOLDER", home.Folder, StringComparison.Ordinal), error, StringComparison.Ordinal);
        Assert.Empty(await home.ListAsync());
    }

    [Fact]
    public async Task Options_of_PM2_mean_what_the_keys_of_a_process_file_mean()
    {
        await using var home = new SupervisorHome();
        home.Environment["SECRET_KEY"] = "hidden";
        var script = home.Write("app.js", Idle);
        await home.DoAsync(
            "start", "--watch-delay", "4", script, "--node-args", "--max-old-space-size=99", "--uid", "0", "--gid", "0", "-n", "one", "-o", "out.log", "-e", "err.log", "-l",
            "--time", "-c", "0 3 * * *", "--no-autorestart", "--no-treekill", "--shutdown-with-message", "--filter-env", "SECRET", "--wait-ready", "false", "--merge-logs", "-k", "5s",
            "--ignore-watch", "tmp", "--watch", "--", "--uid", "@file", "-x");
        using var json = JsonDocument.Parse(await home.DoAsync("info", "one", "--json"));
        var config = json.RootElement[0].GetProperty("config");
        Assert.Equal(["--uid", "@file", "-x"], config.GetProperty("args").EnumerateArray().Select(item => item.GetString()));
        Assert.Equal(["--max-old-space-size=99"], config.GetProperty("interpreterArgs").EnumerateArray().Select(item => item.GetString()));
        Assert.Equal(("0", "0", "0 3 * * *"), (config.GetProperty("user").GetString(), config.GetProperty("group").GetString(), config.GetProperty("cronRestart").GetString()));
        Assert.Equal("00:00:04", config.GetProperty("watchDelay").GetString());
        Assert.Equal("00:00:05", config.GetProperty("killTimeout").GetString());
        Assert.Equal([false, false, true, false], new[] { "autoRestart", "treeKill", "shutdownWithMessage", "waitReady" }.Select(name => config.GetProperty(name).GetBoolean()));
        Assert.Equal([home.Folder], config.GetProperty("watch").EnumerateArray().Select(item => item.GetString()));
        var log = config.GetProperty("log");
        Assert.Equal((Path.Combine(home.Folder, "out.log"), Path.Combine(home.Folder, "err.log")), (log.GetProperty("outFile").GetString(), log.GetProperty("errorFile").GetString()));
        Assert.True(log.GetProperty("combined").GetBoolean() && log.GetProperty("merge").GetBoolean());
        Assert.Equal("YYYY-MM-DDTHH:mm:ss", log.GetProperty("dateFormat").GetString());
        Assert.DoesNotContain("SECRET_KEY", await home.DoAsync("env", "one"), StringComparison.Ordinal);
        Assert.True(Path.IsPathRooted(config.GetProperty("interpreter").GetString()));
    }

    [Fact]
    public async Task A_script_can_be_started_once_more_and_several_at_once()
    {
        await using var home = new SupervisorHome();
        var script = home.Write("app.js", Idle);
        var other = home.Write("other.js", Idle);
        await home.DoAsync("start", script, other);
        await home.DoAsync("start", script, "-f");
        Assert.Equal(["app", "other", "app-2"], (await home.ListAsync()).Select(worker => worker.GetProperty("name").GetString()));
        var (code, _, error) = await home.RunAsync("stop", "app", "nothing");
        Assert.Equal(1, code);
        Assert.Contains("'nothing'", error, StringComparison.Ordinal);
        Assert.All(await home.ListAsync(), worker => Assert.Equal("online", worker.GetProperty("status").GetString()));
        await home.DoAsync("del", "app", "2");
        Assert.Equal(["other"], (await home.ListAsync()).Select(worker => worker.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_message_may_begin_with_an_at_sign_and_lines_of_logs_say_only_what_is_known()
    {
        await using var home = new SupervisorHome();
        await home.DoAsync("start", home.Write("first.js", Idle));
        await home.DoAsync("start", home.Write("app.js", Idle));
        await home.DoAsync("send", "app", "@text");
        string lines;
        do
        {
            lines = await home.DoAsync("logs", "app", "--json");
        }
        while (!lines.Contains("message", StringComparison.Ordinal));

        Assert.Contains("@text", lines, StringComparison.Ordinal);
        using var line = JsonDocument.Parse(lines.Split('\n')[0]);
        Assert.Equal((1, 0), (line.RootElement.GetProperty("id").GetInt32(), line.RootElement.GetProperty("instance").GetInt32()));
        Assert.False(line.RootElement.TryGetProperty("pid", out _));
        Assert.False(line.RootElement.TryGetProperty("time", out _));
        Assert.Contains("app (1) | ", await home.DoAsync("logs", "app"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_foreground_logs_are_shown_and_everything_ends_with_the_command()
    {
        await using var home = new SupervisorHome();
        var script = home.Write("app.js", Idle);
        await using (var terminal = await home.TerminalAsync("start", script, "--no-daemon", "--", "hello"))
        {
            await terminal.WaitForAsync("app (0) | arguments [\"hello\"]", TimeSpan.FromMinutes(2));
            await terminal.PressAsync("C-c");
            Assert.Equal(0, await terminal.WaitForEndAsync(TimeSpan.FromMinutes(2)));
        }

        Assert.Contains("there is no supervisor", (await home.RunAsync("stop", "all")).Error, StringComparison.Ordinal);

        // A program that has ended for good ends the command as well.
        var (code, output, _) = await home.RunAsync("start", home.Write("end.js", "console.log('done')"), "--no-daemon", "--no-autorestart");
        Assert.Equal(0, code);
        Assert.Contains("| done", output, StringComparison.Ordinal);
        Assert.Empty(await home.ListAsync());
    }

    [Fact]
    public async Task Attached_logs_follow_what_was_started()
    {
        await using var home = new SupervisorHome();
        await using var terminal = await home.TerminalAsync("start", home.Write("app.js", "setInterval(() => console.log('tick'), 100);"), "--attach");
        await terminal.WaitForAsync("app (0) | tick", TimeSpan.FromMinutes(2));
        await terminal.PressAsync("C-c");
        Assert.Equal(0, await terminal.WaitForEndAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal("online", (await home.ListAsync()).Single().GetProperty("status").GetString());
    }
}
