using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Configuration;

public sealed class ProcessFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public ProcessFileTests()
    {
        _folder.File("app.js");
        _folder.File("worker.py");
        _folder.File("Site.dll");
        _folder.File("task.sh");
        _folder.Program("native", "#!/bin/sh\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "apps": [{ "script": "app.js" }] }""")]
    [InlineData("""{ "apps": { "script": "./app.js" } }""")]
    [InlineData("""[{ "script": "app.js" }]""")]
    [InlineData("""{ "script": "app.js" }""")]
    [InlineData("""{ "pm2": [{ "exec": "app.js" }] }""")]
    [InlineData("""
        // what runs here
        { apps: [ { 'script': 'app.js', /* the only one */ }, ], }
        """)]
    [InlineData("\uFEFF{ apps: [{ cmd: `app.js` }] }")]
    public void Every_form_of_a_file_is_read(string json)
    {
        var result = ProcessFile.Parse(json, _folder.Path);
        Assert.Empty(result.Warnings);
        var app = Assert.Single(result.Apps);
        Assert.Equal("app", app.Name);
        Assert.Equal(_folder.Combine("app.js"), app.Script);
        Assert.Equal("node", app.Interpreter);
        Assert.Equal(_folder.Path, app.Cwd);
    }

    [Fact]
    public void Defaults_are_those_of_PM2()
    {
        var app = One("""{ "script": "app.js" }""");
        Assert.Equal("default", app.Namespace);
        Assert.Equal(1, app.Instances);
        Assert.Equal(ExecMode.Fork, app.ExecMode);
        Assert.Equal(TimeSpan.FromSeconds(1), app.MinUptime);
        Assert.Equal(16, app.MaxRestarts);
        Assert.Equal(TimeSpan.FromMilliseconds(1600), app.KillTimeout);
        Assert.Equal(TimeSpan.FromSeconds(3), app.ListenTimeout);
        Assert.Equal("SIGINT", app.KillSignal);
        Assert.Equal("NODE_APP_INSTANCE", app.InstanceVar);
        Assert.True(app.AutoRestart);
        Assert.True(app.AutoStart);
        Assert.True(app.TreeKill);
        Assert.Empty(app.Watch);
        Assert.Null(app.MaxMemoryRestart);
        Assert.True(app.Log.Merge);
        Assert.Null(app.Log.OutFile);
    }

    [Fact]
    public void A_full_file_says_what_it_says_in_PM2()
    {
        var app = One("""
            {
              "name": "api", "namespace": "shop", "script": "app.js", "args": "--port 80 --title 'a b' \"c d\"",
              "node_args": ["--max-old-space-size=200"], "instances": 3, "exec_mode": "cluster_mode",
              "env": { "A": 1, "B": true, "C": "x", "D": { "e": [1, null] }, "F": null, "G": 1.5 }, "env_production": { "A": "2" }, "env_test": { "Z": "0" },
              "watch": ["src", "config.json"], "ignore_watch": "node_modules logs", "watch_delay": 1000, "watch_options": { "ignored": ["*.tmp"], "usePolling": true },
              "max_memory_restart": "200M", "min_uptime": "10s", "max_restarts": "5", "restart_delay": 400, "exp_backoff_restart_delay": 100,
              "autorestart": false, "autostart": false, "stop_exit_codes": [0, 3], "kill_timeout": 5000, "wait_ready": true, "listen_timeout": "8s",
              "shutdown_with_message": true, "treekill": false, "error_file": "e.log", "out_file": "/dev/null", "log_file": "both.log", "merge_logs": true,
              "log_date_format": "YYYY-MM-DD", "log_type": "json", "instance_var": "N", "increment_var": "PORT", "port": 3000, "filter_env": ["AWS_", "SECRET"]
            }
            """);
        Assert.Equal("api", app.Name);
        Assert.Equal("shop", app.Namespace);
        Assert.Equal(["--port", "80", "--title", "a b", "c d"], app.Args);
        Assert.Equal(["--max-old-space-size=200"], app.InterpreterArgs);
        Assert.Equal(3, app.Instances);
        Assert.Equal(ExecMode.Cluster, app.ExecMode);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "1", ["B"] = "true", ["C"] = "x", ["D"] = """{"e":[1,null]}""", ["G"] = "1.5", ["PORT"] = "3000" }, app.Env);
        Assert.Equal("2", app.EnvironmentEnv["production"]["A"]);
        Assert.Equal(["production", "test"], app.EnvironmentEnv.Keys.Order());
        Assert.Equal([_folder.Combine("src"), _folder.Combine("config.json")], app.Watch);
        Assert.Equal(["node_modules", "logs", "*.tmp"], app.IgnoreWatch);
        Assert.Equal(TimeSpan.FromSeconds(1), app.WatchDelay);
        Assert.Equal(200L << 20, app.MaxMemoryRestart);
        Assert.Equal(TimeSpan.FromSeconds(10), app.MinUptime);
        Assert.Equal(5, app.MaxRestarts);
        Assert.Equal(TimeSpan.FromMilliseconds(400), app.RestartDelay);
        Assert.Equal(TimeSpan.FromMilliseconds(100), app.ExpBackoffRestartDelay);
        Assert.False(app.AutoRestart);
        Assert.False(app.AutoStart);
        Assert.Equal([0, 3], app.StopExitCodes);
        Assert.Equal(TimeSpan.FromSeconds(5), app.KillTimeout);
        Assert.True(app.WaitReady);
        Assert.Equal(TimeSpan.FromSeconds(8), app.ListenTimeout);
        Assert.True(app.ShutdownWithMessage);
        Assert.False(app.TreeKill);
        Assert.Equal(_folder.Combine("e.log"), app.Log.ErrorFile);
        Assert.Equal(LogConfig.NoFile, app.Log.OutFile);
        Assert.Equal(_folder.Combine("both.log"), app.Log.CombinedFile);
        Assert.True(app.Log.Merge);
        Assert.True(app.Log.Json);
        Assert.Equal("YYYY-MM-DD", app.Log.DateFormat);
        Assert.Equal("N", app.InstanceVar);
        Assert.Equal("PORT", app.IncrementVar);
        Assert.Equal(["AWS_", "SECRET"], app.FilterEnv);
    }

    [Fact]
    public void Keys_of_Starling_are_read()
    {
        var result = ProcessFile.Parse(
            """
            { "apps": [
              { "name": "db", "script": "task.sh", "exclusive": true },
              { "name": "web", "script": "Site.dll", "listen": ["http://127.0.0.1:8080", "unix:run/web.sock", 9090], "least_connections": true,
                "liveness": { "url": "http://127.0.0.1:8080/health", "interval": "5s", "timeout": 500, "failures": 2 }, "depends_on": "db",
                "kill_signal": "SIGTERM", "log_max_size": "1M", "log_max_age": "1d", "log_keep": 5, "log_compress": true }
            ] }
            """,
            _folder.Path);
        Assert.Empty(result.Warnings);
        var web = result.Apps[1];
        Assert.Equal("dotnet", web.Interpreter);
        Assert.Equal(["http://127.0.0.1:8080", "unix:" + _folder.Combine("run/web.sock"), "9090"], web.Listen);
        Assert.True(web.LeastConnections);
        Assert.Equal((true, false), (result.Apps[0].Exclusive, web.Exclusive));
        Assert.Equal(new LivenessConfig { Url = "http://127.0.0.1:8080/health", Interval = TimeSpan.FromSeconds(5), Timeout = TimeSpan.FromMilliseconds(500), Failures = 2 }, web.Liveness);
        Assert.Equal(["db"], web.DependsOn);
        Assert.Equal("SIGTERM", web.KillSignal);
        Assert.Equal(1 << 20, web.Log.MaxSize);
        Assert.Equal(TimeSpan.FromDays(1), web.Log.MaxAge);
        Assert.Equal(5, web.Log.Keep);
        Assert.True(web.Log.Compress);
    }

    [Theory]
    [InlineData("interpreter", "\"bash\"")]
    [InlineData("exec_interpreter", "\"bash\"")]
    [InlineData("execInterpreter", "\"bash\"")]
    public void An_interpreter_has_several_names(string key, string value) =>
        Assert.Equal("bash", One($$"""{ "script": "app.js", "{{key}}": {{value}} }""").Interpreter);

    [Theory]
    [InlineData("error_file")]
    [InlineData("errorFile")]
    [InlineData("error")]
    [InlineData("err")]
    [InlineData("err_file")]
    [InlineData("err_log")]
    public void The_error_file_has_several_names(string key) =>
        Assert.Equal(_folder.Combine("x.log"), One($$"""{ "script": "app.js", "{{key}}": "x.log" }""").Log.ErrorFile);

    [Theory]
    [InlineData("app.js", "node")]
    [InlineData("task.sh", "bash")]
    [InlineData("native", null)]
    [InlineData("Site.dll", "dotnet")]
    public void The_interpreter_follows_from_the_extension(string script, string? interpreter) =>
        Assert.Equal(interpreter, One($$"""{ "script": "{{script}}" }""").Interpreter);

    [Fact]
    public void No_interpreter_runs_the_script_itself() => Assert.Equal(AppConfig.NoInterpreter, One("""{ "script": "app.js", "interpreter": "none" }""").Interpreter);

    [Fact]
    public void Python_does_not_keep_its_output_back()
    {
        var app = One("""{ "script": "worker.py", "interpreter": "python3" }""", needed: "python3");
        Assert.Equal("1", app.Env["PYTHONUNBUFFERED"]);
    }

    [Theory]
    [InlineData("4", 4, ExecMode.Cluster)]
    [InlineData("\"2\"", 2, ExecMode.Cluster)]
    [InlineData("1", 1, ExecMode.Cluster)]
    [InlineData("\"max\"", 0, ExecMode.Cluster)]
    [InlineData("0", 0, ExecMode.Cluster)]
    [InlineData("-1", -1, ExecMode.Cluster)]
    [InlineData("-1000", -1000, ExecMode.Cluster)]
    public void Instances_are_counted_by_cores_and_make_node_scripts_a_cluster(string instances, int number, ExecMode mode)
    {
        var app = One($$"""{ "script": "app.js", "instances": {{instances}} }""");
        Assert.Equal(number > 0 ? number : Math.Max(1, Environment.ProcessorCount + number), app.Instances);
        Assert.Equal(mode, app.ExecMode);
        Assert.Equal(ExecMode.Fork, One($$"""{ "script": "task.sh", "instances": {{instances}} }""").ExecMode);
        Assert.Equal(ExecMode.Fork, One($$"""{ "script": "app.js", "instances": {{instances}}, "exec_mode": "fork" }""").ExecMode);
    }

    [Fact]
    public void Logs_of_several_processes_are_apart_unless_merged()
    {
        Assert.True(One("""{ "script": "task.sh" }""").Log.Merge);
        Assert.False(One("""{ "script": "task.sh", "instances": 2 }""").Log.Merge);
        Assert.False(One("""{ "script": "app.js", "exec_mode": "cluster" }""").Log.Merge);
        Assert.True(One("""{ "script": "app.js", "instances": 2, "combine_logs": true }""").Log.Merge);
    }

    [Fact]
    public void Time_of_lines_is_of_a_given_or_the_usual_form()
    {
        Assert.Equal("YYYY-MM-DDTHH:mm:ss", One("""{ "script": "app.js", "time": true }""").Log.DateFormat);
        Assert.Null(One("""{ "script": "app.js", "log_date_format": "" }""").Log.DateFormat);
        Assert.Null(One("""{ "script": "app.js" }""").Log.DateFormat);
    }

    [Fact]
    public void A_combined_file_can_be_the_usual_one()
    {
        var log = One("""{ "script": "app.js", "log": true }""").Log;
        Assert.True(log.Combined);
        Assert.Null(log.CombinedFile);
    }

    [Fact]
    public void Watching_without_a_place_watches_the_folder() => Assert.Equal([_folder.Path], One("""{ "script": "app.js", "watch": true }""").Watch);

    [Fact]
    public void A_command_line_is_run_by_a_shell()
    {
        var app = One("""{ "script": "sh task.sh --loud", "name": "loud" }""");
        Assert.EndsWith("sh", app.Script, StringComparison.Ordinal);
        Assert.Equal(["-c", "sh task.sh --loud"], app.Args);
        Assert.Null(app.Interpreter);
    }

    [Fact]
    public void A_program_is_found_in_the_path()
    {
        var app = One("""{ "script": "sleep", "args": ["1"] }""");
        Assert.True(File.Exists(app.Script));
        Assert.Equal("sleep", app.Name);
        Assert.Null(app.Interpreter);
    }

    [Fact]
    public void Scripts_and_logs_begin_in_the_given_folder()
    {
        _folder.File("inner/x.js");
        var app = One("""{ "script": "x.js", "cwd": "inner", "out": "logs/o.log" }""");
        Assert.Equal(_folder.Combine("inner/x.js"), app.Script);
        Assert.Equal(_folder.Combine("inner/logs/o.log"), app.Log.OutFile);
    }

    private AppConfig One(string json, string? needed = null)
    {
        Assert.SkipWhen(needed is not null && !new[] { "/usr/bin", "/usr/local/bin", "/bin" }.Any(folder => File.Exists(Path.Combine(folder, needed))), $"needs {needed}");
        return Assert.Single(ProcessFile.Parse(json, _folder.Path).Apps);
    }
}
