using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Configuration;

public sealed class ProcessFileReadingTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public ProcessFileReadingTests() => _folder.File("app.js");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_read_and_scripts_are_found_beside_it() =>
        Assert.Equal(_folder.Combine("app.js"), ProcessFile.Read(_folder.File("process.json", """{ "apps": [{ "script": "app.js" }] }""")).Apps[0].Script);

    [Theory]
    [InlineData("ecosystem.config.js", "module.exports = { apps: [{ script: 'app.js', ignore_watch: [/\\.tmp$/], env: { N: 1 + 1 } }] };")]
    [InlineData("ecosystem.config.cjs", "console.log('hello'); module.exports = { apps: [{ script: 'app.js', ignore_watch: [/\\.tmp$/], env: { N: 1 + 1 } }] };")]
    [InlineData("ecosystem.config.mjs", "export default async () => ({ apps: [{ script: 'app.js', ignore_watch: [/\\.tmp$/], env: { N: 1 + 1 } }] });")]
    public void A_script_says_what_it_exports(string name, string script)
    {
        var app = Assert.Single(ProcessFile.Read(_folder.File(name, script)).Apps);
        Assert.Equal("2", app.Env["N"]);
        Assert.Equal([@"regex:\.tmp$"], app.IgnoreWatch);
    }

    [Theory]
    [InlineData("module.exports = {", "SyntaxError")]
    [InlineData("throw new Error('no luck')", "no luck")]
    [InlineData("", "exports nothing")]
    [InlineData("process.exit(0)", "ended without a value")]
    [InlineData("module.exports = { apps: [{ name: 'x', script: 'app.js', max_restarts: 'many' }] }", "app \"x\": max_restarts is \"many\"")]
    public void A_script_that_fails_is_refused_with_its_reason(string script, string says)
    {
        var path = _folder.File("ecosystem.config.js", script);
        var error = Assert.Throws<ProcessFileException>(() => ProcessFile.Read(path));
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, error.Line);
    }

    [Theory]
    [InlineData("process.yml", "there is no such file")]
    [InlineData("missing.json", "there is no such file")]
    [InlineData("missing.config.js", "there is no such file")]
    public void Files_that_cannot_be_read_are_refused_with_what_to_do(string name, string says) =>
        Assert.Contains(says, Assert.Throws<ProcessFileException>(() => ProcessFile.Read(_folder.Combine(name))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a.json", true)]
    [InlineData("ecosystem.config.js", true)]
    [InlineData("b.yaml", true)]
    [InlineData("server.js", false)]
    [InlineData("api", false)]
    public void Process_files_are_known_by_name(string name, bool expected) => Assert.Equal(expected, ProcessFile.IsProcessFile(name));

    [Fact]
    public void The_chosen_environment_can_be_part_of_the_name() =>
        Assert.Equal("app-test", ProcessFile.Read(_folder.File("p.json", """{ "script": "app.js", "append_env_to_name": true }"""), "test").Apps[0].Name);
}
