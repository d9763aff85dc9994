using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Conformance.Server.Documents;

namespace Starling.Conformance.Tests;

/// <summary>
/// ShareDB's own tests of its client, unmodified, against the server. What they reach into their own process for is skipped;
/// npm/sharedb/expected.json lists what has to pass, and docs/sharedb-suite.md says what cannot be run and why.
/// </summary>
public sealed class ShareDbSuiteTests
{
    // Some tests count on the order in which two connections hear of something, which is fixed in one process only.
    private const int Attempts = 4;

    private static readonly Dictionary<string, string[]> Expected =
        JsonSerializer.Deserialize<Dictionary<string, string[]>>(File.ReadAllText(Path.Combine(NodeScenario.Folder(), "sharedb", "expected.json")))!;

    /// <summary>Each file, with WebSockets that are part of their requests and with such that outlive them.</summary>
    public static MatrixTheoryData<string, bool> Files => new(Expected.Keys, [false, true]);

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_of_the_suite_passes(string file, bool lean)
    {
        await using var app = await StartAsync(lean);
        var missing = Expected[file].ToHashSet();
        var reasons = new Dictionary<string, string?>();
        for (var attempt = 0; attempt < Attempts && missing.Count > 0; attempt++)
        {
            foreach (var result in await RunAsync(file, app.Urls.Single()))
            {
                _ = result.State == "pass" ? missing.Remove(result.Title) : reasons.TryAdd(result.Title, result.Why);
            }
        }

        Assert.True(
            missing.Count == 0, string.Join('\n', missing.Select(title => $"{title}: {reasons.GetValueOrDefault(title, "was not run")}")));
    }

    [Fact]
    public void Nearly_four_hundred_tests_have_to_pass() => Assert.True(Expected.Values.Sum(titles => titles.Length) >= 360);

    private static async Task<WebApplication> StartAsync(bool lean)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (lean)
        {
            builder.WebHost.UseLeanWebSockets();
        }

        var map = DocumentsServer.Configure(builder);
        var app = builder.Build();
        map(app);
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return app;
    }

    private static async Task<Result[]> RunAsync(string file, string url)
    {
        var address = url.Replace("http:", "ws:", StringComparison.Ordinal) + "/";
        var output = await NodeScenario.RunScriptAsync(["sharedb/run.cjs", file], new() { ["SHAREDB_URL"] = address });
        return JsonSerializer.Deserialize<Result[]>(output, JsonSerializerOptions.Web)!;
    }

    private sealed record Result(string Title, string State, string? Why);
}
