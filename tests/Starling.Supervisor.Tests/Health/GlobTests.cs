using Starling.Supervisor.Health;

namespace Starling.Supervisor.Tests.Health;

public sealed class GlobTests
{
    [Theory]
    [InlineData("/a/*.js", "/a/x.js", true)]
    [InlineData("/a/*.js", "/a/b/x.js", false)]
    [InlineData("/a/**/*.js", "/a/b/c/x.js", true)]
    [InlineData("/a/**/*.js", "/a/x.js", true)]
    [InlineData("/a/**", "/a/b/c", true)]
    [InlineData("/a/?.ts", "/a/x.ts", true)]
    [InlineData("/a/?.ts", "/a/xy.ts", false)]
    [InlineData("*.{js,ts}", "x.ts", true)]
    [InlineData("*.{js,ts}", "x.css", false)]
    [InlineData("[abc].x", "b.x", true)]
    [InlineData("[!abc].x", "b.x", false)]
    [InlineData("a+(b).x", "a+(b).x", true)]
    [InlineData("a,b", "a,b", true)]
    [InlineData("{a", "a", true)]
    public void Patterns_match_paths(string pattern, string path, bool expected) => Assert.Equal(expected, Glob.Parse(pattern).IsMatch(path));

    [Theory]
    [InlineData("node_modules", "/app/node_modules/x/y.js", true)]
    [InlineData("node_modules", "/app/lib/node_modules/x.js", true)]
    [InlineData("node_modules", "/app/node_modules2/x.js", false)]
    [InlineData("lib/out", "/app/lib/out/x", true)]
    [InlineData("lib/out", "/app/other/lib/out/x", false)]
    [InlineData("./lib/out/", "/app/lib/out/x", true)]
    [InlineData("/app/lib", "/app/lib/x", true)]
    [InlineData("*.tmp", "/app/deep/x.tmp", true)]
    [InlineData("cache/**", "/app/cache/a/b", true)]
    [InlineData("**/*.spec.js", "/app/a/x.spec.js", true)]
    [InlineData(@"regex:\.tmp$", "/app/x.tmp", true)]
    [InlineData(@"regex:[/\\]\.", "/app/.git/x", true)]
    [InlineData("x", "/app/y", false)]
    public void Ignored_paths_are_known(string pattern, string path, bool expected) => Assert.Equal(expected, new IgnoreList("/app", [pattern]).Ignores(path));

    [Fact]
    public void Usually_hidden_files_packages_and_logs_are_ignored()
    {
        var usual = new IgnoreList("/home/.hidden/app", []);
        Assert.True(usual.Ignores("/home/.hidden/app/.git/HEAD"));
        Assert.True(usual.Ignores("/home/.hidden/app/node_modules/a.js"));
        Assert.True(usual.Ignores("/home/.hidden/app/logs/a.log"));
        Assert.False(usual.Ignores("/home/.hidden/app/src/a.js"));
        Assert.False(usual.Ignores("/home/.hidden/other/a.js"));
    }

    [Fact]
    public void An_exclamation_mark_takes_back()
    {
        var list = new IgnoreList("/app", ["*.json", "!package.json", "dist", "!dist/keep.js"]);
        Assert.True(list.Ignores("/app/x.json"));
        Assert.False(list.Ignores("/app/package.json"));
        Assert.True(list.Ignores("/app/dist/x.js"));
        Assert.False(list.Ignores("/app/dist/keep.js"));
    }
}
