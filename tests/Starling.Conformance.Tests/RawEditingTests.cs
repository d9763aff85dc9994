using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Conformance.Server.Documents;

namespace Starling.Conformance.Tests;

/// <summary>
/// npm's clients submit operations that are not in the form that npm's types make, and all of them and the server end with the same. How many seconds
/// the environment variable STARLING_RAW_SECONDS says, 5 by default; STARLING_RAW_SEED repeats a run.
/// </summary>
public sealed class RawEditingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_server_accepts_is_the_same_at_every_client(bool sqlite)
    {
        var seconds = Number("STARLING_RAW_SECONDS") ?? 5;
        var folder = Directory.CreateTempSubdirectory("starling-raw-");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var documents = builder.Services.AddDocuments().AddTypes();
        if (sqlite)
        {
            documents.UseSqlite(Path.Combine(folder.FullName, "documents.db"));
        }

        await using (var app = builder.Build())
        {
            app.MapShareDb("/", options => (options.MaxOperationsPerSecond, options.MaxRequestsPerSecond) = (100_000, 100_000));
            app.Urls.Add("http://127.0.0.1:0");
            await app.StartAsync(TestContext.Current.CancellationToken);
            var settings = JsonSerializer.Serialize(new
            {
                url = app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + "/",
                seconds,
                seed = Number("STARLING_RAW_SEED") ?? Environment.TickCount & int.MaxValue,
            });
            var output = JsonNode.Parse(await NodeScenario.RunScriptAsync(
                ["sharedb/raw-editing.cjs", settings], [], TimeSpan.FromSeconds(seconds + 120)))!;
            TestContext.Current.TestOutputHelper?.WriteLine(output.ToJsonString());
            Assert.True(output["accepted"]!.GetValue<int>() > 20, output.ToJsonString());
            Assert.True(output["refused"]!.GetValue<int>() > 5, output.ToJsonString());
        }

        folder.Delete(recursive: true);
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
