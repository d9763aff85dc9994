using System.Text.Json;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>Commands as users of PM2 type them.</summary>
public sealed class Pm2CommandTests
{
    private const string Idle = "setInterval(() => {}, 1000);";

    [Fact]
    public async Task Commands_take_process_files_and_names_of_their_applications()
    {
        await using var home = new SupervisorHome();
        home.Write("app.js", Idle);
        var file = home.Write("process.yaml", """
            apps:
              - { name: a, script: app.js, env_production: { STAGE: production } }
              - { name: b, script: app.js }
            """);
        await home.DoAsync("startOrReload", file, "--only", "a");
        Assert.Equal(["a"], await NamesAsync(home));
        await home.DoAsync("startOrRestart", file);
        Assert.Equal(["a", "b"], await NamesAsync(home));
        await home.DoAsync("reload", file, "--only", "b", "--env", "production");
        Assert.Equal([1, 1], (await home.ListAsync()).Select(worker => worker.GetProperty("restarts").GetInt32()));
        await home.DoAsync("restart", file, "--env", "production");
        Assert.Contains("STAGE=production", await home.DoAsync("env", "a"), StringComparison.Ordinal);
        await home.DoAsync("restart", "a", "--update-env");
        Assert.Contains("STAGE=production", await home.DoAsync("env", "a"), StringComparison.Ordinal);
        await home.DoAsync("reset", "all");
        Assert.Equal([0, 0], (await home.ListAsync()).Select(worker => worker.GetProperty("restarts").GetInt32()));
        await home.DoAsync("stop", file, "--only", "a");
        Assert.Equal(["stopped", "online"], (await home.ListAsync()).Select(worker => worker.GetProperty("status").GetString()));
        var (code, _, error) = await home.RunAsync("stop", file, "--only", "c");
        Assert.Equal(1, code);
        Assert.Contains("has no application 'c'. It has a, b.", error, StringComparison.Ordinal);
        await home.DoAsync("delete", file);
        Assert.Empty(await home.ListAsync());
        (code, _, error) = await home.RunAsync("delete", file);
        Assert.Equal(1, code);
        Assert.Contains("is in the list (a, b)", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applications_without_their_interpreter_are_named_and_do_not_keep_the_others_from_starting()
    {
        await using var home = new SupervisorHome();
        home.Write("app.js", Idle);
        var file = home.Write("process.json", """[ { "name": "a", "script": "app.js" }, { "name": "b", "script": "app.js", "interpreter": "no-such-program" } ]""");
        foreach (var command in (string[])["start", "restart", "startOrReload"])
        {
            var (code, _, error) = await home.RunAsync(command, file);
            Assert.Equal(1, code);
            Assert.Contains("error: ", error, StringComparison.Ordinal);
            Assert.Contains("app \"b\": the interpreter \"no-such-program\" cannot be run", error, StringComparison.Ordinal);
            Assert.Equal(["a"], await NamesAsync(home));
        }

        await home.DoAsync("restart", file, "--only", "a");
        await home.DoAsync("stop", file);
        await home.DoAsync("delete", file, "--only", "a,b");
        Assert.Empty(await home.ListAsync());
    }

    [Fact]
    public async Task Lists_are_in_the_shape_of_PM2()
    {
        await using var home = new SupervisorHome();
        home.Environment["COLOUR"] = "blue";
        home.Write("app.js", Idle);
        await home.DoAsync("start", home.Write("process.json", """{ "name": "app", "script": "app.js", "instance_var": "PLACE", "instances": 2, "exec_mode": "fork" }"""));
        foreach (var command in (string[])["jlist", "prettylist"])
        {
            using var json = JsonDocument.Parse(await home.DoAsync(command));
            var second = json.RootElement[1];
            var env = second.GetProperty("pm2_env");
            Assert.Equal(("app", 1, "online"), (second.GetProperty("name").GetString(), second.GetProperty("pm_id").GetInt32(), env.GetProperty("status").GetString()));
            Assert.Equal(("PLACE", 1), (env.GetProperty("instance_var").GetString(), env.GetProperty("PLACE").GetInt32()));
            Assert.Equal("blue", env.GetProperty("env").GetProperty("COLOUR").GetString());
        }

        var pids = (await home.ListAsync()).Select(worker => worker.GetProperty("pid").GetInt32()).ToArray();
        Assert.Equal(string.Join('\n', pids) + "\n", await home.DoAsync("pid", "app"));
        Assert.Equal("[ 0, 1 ]\n", await home.DoAsync("id", "app"));
        Assert.Equal("[]\n", await home.DoAsync("id", "nothing"));
        foreach (var command in (string[][])[["ls"], ["l"], ["ps"], ["status"], ["show", "app"], ["desc", "app"], ["describe", "0", "1"]])
        {
            Assert.Contains("app", await home.DoAsync(command), StringComparison.Ordinal);
        }

        Assert.Contains("open again", await home.DoAsync("reloadLogs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_file_to_begin_with_is_written_once_and_can_be_started()
    {
        await using var home = new SupervisorHome();
        await home.DoAsync("init", "simple");
        home.Write("app.js", Idle);
        await home.DoAsync("start");
        Assert.Equal(["app"], await NamesAsync(home));
        var (code, _, error) = await home.RunAsync("init");
        Assert.Equal(1, code);
        Assert.Contains("ecosystem.config.js exists", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_unit_has_the_path_of_the_shell_and_is_removed_by_the_commands_that_are_printed()
    {
        await using var home = new SupervisorHome();
        home.Environment["PATH"] = "/opt/100%/bin:" + Environment.GetEnvironmentVariable("PATH");
        Assert.Contains("\nEnvironment=PATH=/opt/100%%/bin:", await home.DoAsync("startup"), StringComparison.Ordinal);
        var removal = await home.DoAsync("unstartup");
        Assert.Contains("systemctl disable --now starling\nrm -f /etc/systemd/system/starling.service", removal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Web_runs_in_the_background()
    {
        await using var home = new SupervisorHome();
        var port = SupervisorHome.FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture);
        await home.DoAsync("web", port, "--background");
        using var client = new HttpClient();
        string? answer = null;
        for (var attempt = 0; answer is null; attempt++)
        {
            try
            {
                answer = await client.GetStringAsync($"http://127.0.0.1:{port}/", SupervisorHome.Cancelled);
            }
            catch (HttpRequestException) when (attempt < 600)
            {
                await Task.Delay(100, SupervisorHome.Cancelled);
            }
        }

        Assert.Contains("starling-web", answer, StringComparison.Ordinal);
        await home.DoAsync("delete", "starling-web");
    }

    private static async Task<IEnumerable<string?>> NamesAsync(SupervisorHome home) => (await home.ListAsync()).Select(worker => worker.GetProperty("name").GetString());
}
