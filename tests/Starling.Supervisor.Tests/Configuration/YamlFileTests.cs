using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Configuration;

/// <summary>Process files in YAML.</summary>
public sealed class YamlFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public YamlFileTests() => _folder.File("app.js");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_means_what_the_same_in_JSON_means()
    {
        var yaml = Read("""
            # what runs here
            apps:
              - script: app.js
                name: api
                instances: 2
                autorestart: false
                max_memory_restart: 300M
                args: [--port, '80']
                kill_timeout: 0x7d0
                cron_restart: "0 3 * * *"
                log_date_format: YYYY-MM-DD HH:mm
                cwd: ~
                env:
                  VERSION: '1.0'
                  PORT: 8080
                  RATIO: 1.5
                  ANSWER: yes
                  EMPTY: ''
                  NESTED: { a: [1, 2] }
            """).Apps.Single();
        var json = ProcessFile.Parse(
            """
            { "apps": [{ "script": "app.js", "name": "api", "instances": 2, "autorestart": false, "max_memory_restart": "300M", "args": ["--port", "80"], "kill_timeout": 2000,
              "cron_restart": "0 3 * * *", "log_date_format": "YYYY-MM-DD HH:mm",
              "env": { "VERSION": "1.0", "PORT": 8080, "RATIO": 1.5, "ANSWER": "yes", "EMPTY": "", "NESTED": { "a": [1, 2] } } }] }
            """,
            _folder.Path).Apps.Single();
        Assert.Equal(Text(json), Text(yaml));
    }

    [Fact]
    public void Anchors_and_merge_keys_are_followed()
    {
        var apps = Read("""
            base: &base
              script: app.js
              env: &env { A: 1, B: 2 }
            apps:
              - <<: *base
                name: first
              - <<: [{ name: second, autorestart: false }, *base]
                env: { <<: *env, B: 3 }
            """).Apps;
        Assert.Equal(["first", "second"], apps.Select(app => app.Name));
        Assert.Equal(["A=1", "B=2"], apps[0].Env.Select(pair => $"{pair.Key}={pair.Value}").Order());
        Assert.Equal(["A=1", "B=3"], apps[1].Env.Select(pair => $"{pair.Key}={pair.Value}").Order());
        Assert.False(apps[1].AutoRestart);
    }

    [Theory]
    [InlineData("apps:\n  - script: app.js\n    instances: many\n", 3, 16, "instances is \"many\"")]
    [InlineData("apps:\n  - script: app.js\n   name: x\n", 3, 4, "")]
    [InlineData("apps: [*missing]\n", 1, 8, "missing")]
    [InlineData("", 1, 1, "the file is empty")]
    [InlineData("apps: []\n---\napps: []\n", 2, 1, "second document")]
    [InlineData("name: a\nname: b\n", 2, 1, "twice")]
    public void Errors_name_the_place_and_the_reason(string yaml, int line, int column, string reason)
    {
        var error = Assert.Throws<ProcessFileException>(() => Read(yaml));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_of_aliases_do_not_fill_the_memory()
    {
        var lines = Enumerable.Range(1, 20).Select(level => $"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 9))}]");
        var error = Assert.Throws<ProcessFileException>(() => Read("a0: &a0 [x]\n" + string.Join('\n', lines)));
        Assert.Contains("more than 100000 values", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        Assert.Contains("nested deeper", Assert.Throws<ProcessFileException>(() => Read("apps: " + new string('[', 100_000) + new string(']', 100_000))).Message, StringComparison.Ordinal);

    private static string Text(AppConfig app) => System.Text.Json.JsonSerializer.Serialize(app, AppConfigJson.Default.AppConfig);

    private ProcessFileResult Read(string yaml) => ProcessFile.Parse(yaml, _folder.Path, "process.yaml");
}
