using System.Text;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Configuration;

public sealed class ProcessFileErrorTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public ProcessFileErrorTests()
    {
        _folder.File("app.js");
        _folder.File("task.sh");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", 1, 1, "empty")]
    [InlineData("  \n // nothing\n", 3, 1, "empty")]
    [InlineData("{ \"apps\": [\n  { \"script\": \"app.js\" \n", 2, 3, "close it by '}'")]
    [InlineData("{ \"apps\": [\n", 1, 11, "close it by ']'")]
    [InlineData("{ \"script\" \"app.js\" }", 1, 12, "colon")]
    [InlineData("{ \"script\": \"app.js\"\n  \"name\": \"x\" }", 2, 3, "comma")]
    [InlineData("{ \"script\": app.js }", 1, 13, "quotes")]
    [InlineData("{ \"script\": \"app.js\n }", 1, 13, "close it by \"")]
    [InlineData("{ \"script\": \"\\u00g0\" }", 1, 14, "hexadecimal")]
    [InlineData("{ \"script\": \"app.js\" } }", 1, 24, "has ended")]
    [InlineData("{ \"script\": }", 1, 13, "a value is expected")]
    [InlineData("/* open", 1, 1, "*/")]
    [InlineData("{ 1a: 2 }", 1, 3, "key")]
    [InlineData("\"app.js\"", 1, 1, "list of applications")]
    [InlineData("[\"app.js\"]", 1, 2, "an application is expected")]
    [InlineData("{ \"apps\": [] }", 1, 11, "there is no application in it")]
    public void Text_that_is_not_in_the_form_is_refused_with_its_place(string json, int line, int column, string says)
    {
        var error = Assert.Throws<ProcessFileException>(() => ProcessFile.Parse(json, _folder.Path, "p.json"));
        Assert.StartsWith($"p.json:{line}:{column}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Theory]
    [InlineData("\"max_restarts\": \"many\"", "max_restarts is \"many\", but has to be a whole number, 0 or more")]
    [InlineData("\"max_restarts\": -1", "0 or more")]
    [InlineData("\"max_restarts\": 1.5", "whole number")]
    [InlineData("\"autorestart\": \"yes\"", "autorestart is \"yes\", but has to be true or false")]
    [InlineData("\"instances\": \"all\"", "\"max\" or 0 for one per core")]
    [InlineData("\"exec_mode\": \"thread\"", "\"fork\", \"cluster\"")]
    [InlineData("\"max_memory_restart\": \"lots\"", "\"200M\"")]
    [InlineData("\"min_uptime\": 50", "100 ms or more")]
    [InlineData("\"min_uptime\": \"1 year\"", "\"10s\"")]
    [InlineData("\"env\": \"A=1\"", "{ \"NAME\": \"value\" }")]
    [InlineData("\"env_production\": [1]", "{ \"NAME\": \"value\" }")]
    [InlineData("\"args\": \"'open\"", "quotes are closed")]
    [InlineData("\"args\": { }", "a list of texts")]
    [InlineData("\"port\": 70000", "from 0 to 65535")]
    [InlineData("\"log_type\": \"xml\"", "\"json\", \"raw\"")]
    [InlineData("\"listen\": \"ftp://x:1\"", "unix:/run/app.sock")]
    [InlineData("\"listen\": \"127.0.0.1:99999\"", "address to listen on")]
    [InlineData("\"liveness\": { \"interval\": 5 }", "key url")]
    [InlineData("\"liveness\": { \"url\": \"http://x\", \"retries\": 5 }", "\"retries\" is none of them")]
    [InlineData("\"liveness\": \"icmp://x\"", "tcp://")]
    [InlineData("\"cron_restart\": \"0 25 * * *\"", "or 0 for never: the field hour, \"25\", has to be a number from 0 to 23")]
    [InlineData("\"kill_signal\": \"SIGSTOPPED\"", "SIGTERM")]
    [InlineData("\"least_connections\": true", "name them by \"listen\"")]
    [InlineData("\"least_connections\": true, \"listen\": 8080, \"exec_mode\": \"cluster\"", "is for exec_mode \"fork\"")]
    [InlineData("\"exclusive\": true, \"instances\": 2", "no two processes can run at the same time")]
    [InlineData("\"exclusive\": true, \"exec_mode\": \"cluster\"", "leave out \"instances\" and exec_mode")]
    [InlineData("\"cwd\": \"nowhere\"", "does not exist: make it, or correct \"cwd\"")]
    [InlineData("\"uid\": \"nobody-at-all\"", "there is no user 'nobody-at-all'")]
    [InlineData("\"interpreter\": \"no-such-program\"", "not in PATH")]
    [InlineData("\"interpreter\": \"./no/such\"", "no program at that path")]
    [InlineData("\"interpreter\": \"bash\", \"exec_mode\": \"cluster\"", "is for scripts that Node runs")]
    [InlineData("\"name\": \"all\"", "cannot be a name")]
    public void A_wrong_value_names_its_application_key_place_and_what_is_allowed(string member, string says)
    {
        var error = Assert.Throws<ProcessFileException>(() => ProcessFile.Parse($$"""
            { "apps": [{ "script": "app.js" },
              { "name": "api", "script": "app.js",
                {{member}} }] }
            """, _folder.Path, "p.json"));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains(member.Contains("\"name\"", StringComparison.Ordinal) ? "app \"" : "app \"api\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.Line);
        Assert.True(error.Column > 3);
        Assert.NotNull(error.Key);
    }

    [Fact]
    public void A_missing_script_says_where_it_was_looked_for()
    {
        var error = Assert.Throws<ProcessFileException>(() => ProcessFile.Parse("""{ "script": "gone.js" }""", _folder.Path, "p.json"));
        Assert.StartsWith("p.json:1:13: app \"gone.js\": the script " + _folder.Combine("gone.js") + " does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_script()
    {
        _folder.File("lib/index.js");
        Assert.Contains("is a folder", Assert.Throws<ProcessFileException>(() => ProcessFile.Parse("""{ "script": "./lib" }""", _folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_application_without_a_script_is_refused() =>
        Assert.Contains("has no script", Assert.Throws<ProcessFileException>(() => ProcessFile.Parse("""{ "name": "x" }""", _folder.Path)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("'script': 'app.js', 'interpreter': 'no-such-program'", "exec_interpreter", "cannot be run")]
    [InlineData("'script': 'gone.js'", "script", "does not exist")]
    [InlineData("'script': 'app.js', 'cwd': 'gone'", "cwd", "does not exist")]
    public void An_application_that_this_machine_cannot_run_fails_with_those_that_need_it_and_leaves_the_others(string app, string key, string says)
    {
        var result = ProcessFile.Parse(
            $"[{{ 'name': 'x', {app} }},\n {{ 'script': 'app.js' }},\n {{ 'name': 'y', 'script': 'task.sh', 'depends_on': 'x' }},\n {{ 'name': 'z', 'script': 'task.sh', 'depends_on': 'y' }}]",
            _folder.Path,
            "p.json",
            allowMissing: true);
        Assert.Equal(["app"], result.Apps.Select(found => found.Name));
        Assert.Equal([("x", key, 1), ("y", "depends_on", 3), ("z", "depends_on", 4)], result.Failures.Select(failure => (failure.App, failure.Key, failure.Line)));
        Assert.Contains(says, result.Failures[0].Message, StringComparison.Ordinal);
        Assert.EndsWith("app \"z\": it depends on \"y\", which cannot run", result.Failures[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void JavaScript_in_a_json_file_is_run_by_Node_and_text_that_is_neither_is_refused_with_its_place()
    {
        var file = _folder.File("conf.json");
        File.WriteAllText(file, "// Applications\n[{ name: 'web', script: ['app', 'js'].join('.'), cwd: __dirname_of }]".Replace("__dirname_of", $"'{_folder.Path}'", StringComparison.Ordinal));
        var result = ProcessFile.Read(file);
        Assert.EndsWith("/app.js", result.Apps.Single().Script, StringComparison.Ordinal);
        Assert.Contains("was run by Node", result.Warnings.Single(), StringComparison.Ordinal);
        File.WriteAllText(file, "[{ script: app.js }]");
        Assert.StartsWith($"{file}:1:12: ", Assert.Throws<ProcessFileException>(() => ProcessFile.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_applications_of_one_name_are_refused()
    {
        var error = Assert.Throws<ProcessFileException>(() => ProcessFile.Parse("[{ script: 'app.js' },\n { script: 'app.js' }]", _folder.Path, "p.json"));
        Assert.Equal("p.json:2:2: there are two applications of the name \"app\" (the other in line 1): give each its own \"name\"", error.Message);
    }

    [Theory]
    [InlineData("\"c\"", "there is no such application in this file")]
    [InlineData("\"pai\"", "did you mean \"api\"?")]
    [InlineData("\"web\"", "circle, so none could start first: web -> web")]
    [InlineData("[\"api\"]", "circle, so none could start first: web -> api -> web")]
    public void Dependencies_have_to_exist_and_to_end(string dependsOn, string says)
    {
        var error = Assert.Throws<ProcessFileException>(() => ProcessFile.Parse(
            $$"""[{ "name": "web", "script": "app.js", "depends_on": {{dependsOn}} }, { "name": "api", "script": "app.js", "depends_on": {{(dependsOn.StartsWith('[') ? "[\"web\"]" : "[]")}} }]""", _folder.Path));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal("depends_on", error.Key);
    }

    [Fact]
    public void Unknown_keys_and_keys_without_effect_are_warnings_with_their_place()
    {
        var result = ProcessFile.Parse("""
            { "apps": [{ "script": "app.js", "max_restart": 3,
                "pmx": true, "err": "a", "error_file": "b", "qqqqqqqq": 1 }],
              "deploy": { } }
            """, _folder.Path, "p.json");
        Assert.Equal(
            [
                "p.json:3:3: \"deploy\" has no effect here: nothing is deployed",
                "p.json:1:34: app \"app.js\": there is no key \"max_restart\"; did you mean \"max_restarts\"?",
                "p.json:2:5: app \"app.js\": \"pmx\" has no effect here: it belongs to a hosted service of PM2; use `starling monit` and `starling web`",
                "p.json:2:18: app \"app.js\": \"err\" says again what \"error_file\" says; the latter counts",
                "p.json:2:49: app \"app.js\": there is no key \"qqqqqqqq\"",
            ],
            result.Warnings.OrderBy(warning => warning.Contains("deploy", StringComparison.Ordinal) ? 0 : 1).ThenBy(warning => warning.Split(' ')[0].Split(':')[1]).ThenBy(warning => int.Parse(warning.Split(':')[2], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.EndsWith("/b", result.Apps[0].Log.ErrorFile, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_nested_too_deeply_are_refused() =>
        Assert.Contains("deeper", Assert.Throws<ProcessFileException>(() => ProcessFile.Parse(new string('[', 100_000), _folder.Path)).Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_not_text_are_refused() =>
        Assert.Contains("UTF-8", Assert.Throws<ProcessFileException>(() => ProcessFile.Parse([0x7B, 0xFF, 0xFE], _folder.Path)).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_text_is_read_or_refused_with_a_message()
    {
        var random = new Random(7);
        var parts = new[] { "{", "}", "[", "]", ":", ",", "\"", "'", "script", "\"script\"", "\"app.js\"", "apps", "1", "-", "\\", "\n", "/*", "*/", "//", "null", "true", " ", "é", "\"env\"", "watch" };
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (var j = random.Next(1, 12); j > 0; j--)
            {
                text.Append(parts[random.Next(parts.Length)]);
            }

            try
            {
                ProcessFile.Parse(text.ToString(), _folder.Path);
            }
            catch (ProcessFileException error)
            {
                Assert.NotEqual("", error.Message);
            }
        }
    }
}
