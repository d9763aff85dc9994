using System.Text.Json;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Configuration;

public sealed class AppConfigJsonTests
{
    [Fact]
    public void A_configuration_survives_being_saved()
    {
        var app = new AppConfig
        {
            Name = "api",
            Script = "/srv/api.js",
            Cwd = "/srv",
            Args = ["a", "b c"],
            Interpreter = "node",
            ExecMode = ExecMode.Cluster,
            Env = new Dictionary<string, string> { ["MyKey"] = "v" },
            EnvironmentEnv = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["production"] = new Dictionary<string, string> { ["A"] = "1" } },
            StopExitCodes = [0, 9],
            MinUptime = TimeSpan.FromMilliseconds(1500),
            MaxMemoryRestart = 5L << 30,
            Liveness = new LivenessConfig { Url = "tcp://127.0.0.1:1" },
            Log = new LogConfig { OutFile = "/o", MaxAge = TimeSpan.FromDays(1), Compress = true },
        };
        var json = JsonSerializer.Serialize(app, AppConfigJson.Default.AppConfig);
        var back = JsonSerializer.Deserialize(json, AppConfigJson.Default.AppConfig)!;
        Assert.Equivalent(app, back, strict: true);
        Assert.Equal(json, JsonSerializer.Serialize(back, AppConfigJson.Default.AppConfig));
    }

    [Fact]
    public void What_an_older_version_did_not_save_has_its_default()
    {
        var back = AppConfigJson.Read("""{ "name": "api", "script": "/a", "cwd": "/", "log": { "keep": 3 }, "addedLater": 1 }""");
        Assert.Equivalent(new AppConfig { Name = "api", Script = "/a", Cwd = "/", Log = new LogConfig { Keep = 3 } }, back, strict: true);
    }
}
