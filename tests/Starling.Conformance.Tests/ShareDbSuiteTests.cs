using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Starling.Conformance.Server.Documents;

namespace Starling.Conformance.Tests;

/// <summary>
/// ShareDB's own tests of its client, unmodified, against the server. What they reach into their own process for is skipped;
/// npm/sharedb/expected.json lists what has to pass, and docs/sharedb-suite.md says what cannot be run and why.
/// </summary>
public sealed class ShareDbSuiteTests
{
    private static readonly Dictionary<string, string[]> Expected =
        JsonSerializer.Deserialize<Dictionary<string, string[]>>(File.ReadAllText(Path.Combine(NodeScenario.Folder(), "sharedb", "expected.json")))!;

    public static TheoryData<string> Files => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_of_the_suite_passes(string file)
    {
        await using var app = await StartAsync();
        var output = await NodeScenario.RunScriptAsync(
            ["sharedb/run.cjs", file], new() { ["SHAREDB_URL"] = app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + "/" });
        var results = JsonSerializer.Deserialize<Result[]>(output, JsonSerializerOptions.Web)!;
        var passed = results.Where(result => result.State == "pass").Select(result => result.Title).ToHashSet();
        var missing = Expected[file].Where(title => !passed.Contains(title)).ToList();
        Assert.True(
            missing.Count == 0,
            string.Join('\n', missing.Select(title => $"{title}: {results.FirstOrDefault(result => result.Title == title)?.Why ?? "was not run"}")));
    }

    [Fact]
    public void Nearly_four_hundred_tests_have_to_pass() => Assert.True(Expected.Values.Sum(titles => titles.Length) >= 360);

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var map = DocumentsServer.Configure(builder);
        var app = builder.Build();
        map(app);
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return app;
    }

    private sealed record Result(string Title, string State, string? Why);
}
