using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Configuration;

public sealed class AppRequestTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public AppRequestTests() => _folder.File("app.js");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_typed_follows_the_rules_of_files()
    {
        var request = new AppRequest { Script = "app.js", Args = ["--x", "a b"] }
            .With("name", "api")
            .With("instances", "max")
            .With("max-memory-restart", "1.5G")
            .With("cron", "0 3 * * *")
            .With("watch", "true")
            .With("ignore_watch", "tmp")
            .With("ignore_watch", "cache")
            .With("kill_timeout", "2s")
            .With("autorestart", "false")
            .With("stop_exit_codes", "0,3")
            .With("env", "A=1")
            .With("env", "B=x=y")
            .With("node_args", "--inspect --title='a b'")
            .With("log", "true")
            .With("listen", "8080")
            .With("listen", "unix:a.sock")
            .With("kill_signal", "term")
            .With("max_restarts", "3");
        var app = AppConfigBuilder.Resolve(request, _folder.Path);
        Assert.Equal("api", app.Name);
        Assert.Equal(["--x", "a b"], app.Args);
        Assert.Equal(Environment.ProcessorCount, app.Instances);
        Assert.Equal(ExecMode.Cluster, app.ExecMode);
        Assert.Equal(3L << 29, app.MaxMemoryRestart);
        Assert.Equal("0 3 * * *", app.CronRestart);
        Assert.Equal([_folder.Path], app.Watch);
        Assert.Equal(["tmp", "cache"], app.IgnoreWatch);
        Assert.Equal(TimeSpan.FromSeconds(2), app.KillTimeout);
        Assert.False(app.AutoRestart);
        Assert.Equal([0, 3], app.StopExitCodes);
        Assert.Equal("1", app.Env["A"]);
        Assert.Equal("x=y", app.Env["B"]);
        Assert.Equal(["--inspect", "--title=a b"], app.InterpreterArgs);
        Assert.True(app.Log.Combined);
        Assert.Equal(["8080", "unix:" + _folder.Combine("a.sock")], app.Listen);
        Assert.Equal("SIGTERM", app.KillSignal);
        Assert.Equal(3, app.MaxRestarts);
    }

    [Fact]
    public void A_key_without_effect_says_why()
    {
        Assert.Contains("--enable-source-maps", AppRequest.WhyWithoutEffect("source-map-support"), StringComparison.Ordinal);
        Assert.Null(AppRequest.WhyWithoutEffect("name"));
        Assert.Null(AppRequest.WhyWithoutEffect("no-such-key"));
    }

    [Theory]
    [InlineData("max_restarts", "many", "max_restarts is \"many\", but has to be a whole number, 0 or more")]
    [InlineData("env", "A", "NAME=value")]
    [InlineData("nme", "x", "did you mean \"name\"?")]
    [InlineData("pmx", "x", "has no effect")]
    [InlineData("autorestart", "maybe", "true or false")]
    public void Wrong_input_says_what_is_allowed(string key, string value, string says) =>
        Assert.Contains(says, Assert.Throws<AppConfigException>(() => new AppRequest().With(key, value)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_script_is_refused() =>
        Assert.Contains("no program \"gone\" is in PATH", Assert.Throws<AppConfigException>(() => AppConfigBuilder.Resolve(new AppRequest { Script = "gone" }, _folder.Path)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_script_with_a_space_in_its_name_is_no_command()
    {
        var path = _folder.File("my app.js");
        Assert.Equal(path, AppConfigBuilder.Resolve(new AppRequest { Script = "my app.js" }, _folder.Path).Script);
    }

    [Fact]
    public void A_zero_turns_optional_limits_off()
    {
        var request = new AppRequest { Script = "app.js" }.With("cron", "0").With("exp_backoff_restart_delay", "0").With("log_max_age", "0").With("max_memory_restart", "0");
        var app = AppConfigBuilder.Resolve(request, _folder.Path);
        Assert.Null(app.CronRestart);
        Assert.Null(app.ExpBackoffRestartDelay);
        Assert.Null(app.Log.MaxAge);
        Assert.Null(app.MaxMemoryRestart);
    }

    [Fact]
    public void Running_as_a_user_sets_the_home_folder()
    {
        Assert.SkipUnless(File.Exists("/etc/passwd"), "needs /etc/passwd");
        Assert.Equal("/root", AppConfigBuilder.Resolve(new AppRequest { Script = "app.js" }.With("uid", "0"), _folder.Path).Env["HOME"]);
    }
}
