using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Conformance.Server.Documents;
using Starling.Documents;
using Starling.Documents.Hosting;
using Starling.Server.Backplane;
using Starling.Sqlite;

namespace Starling.Conformance.Tests;

/// <summary>
/// ShareDB's clients edit at random, over slow connections that break, on two nodes with one store. How many operations the environment
/// variable STARLING_RANDOM_OPERATIONS says; 6,000 by default.
/// </summary>
public sealed class RandomEditingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_clients_and_the_store_end_with_the_same()
    {
        var operations = int.Parse(Environment.GetEnvironmentVariable("STARLING_RANDOM_OPERATIONS") ?? "6000", CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("starling-random-");
        await using (var store = new SqliteDocumentStore(Path.Combine(folder.FullName, "documents.db")))
        {
            var hub = new InMemoryBackplaneHub();
            await using var left = await StartAsync(store, hub);
            await using var right = await StartAsync(store, hub);
            var settings = JsonSerializer.Serialize(new
            {
                urls = new[] { Url(left), Url(right) },
                documents = Types.ToDictionary(type => type.Id, type => type.Type),
                clients = 8,
                operations,
                seed = Environment.TickCount & int.MaxValue,
            });
            var limit = TimeSpan.FromSeconds(60 + (operations / 50));
            // Clients cut pairs of surrogates in two; the halves become plain text, since the parser would refuse to compare them.
            var output = JsonNode.Parse(Plain(await NodeScenario.RunScriptAsync(["sharedb/random-editing.cjs", settings], [], limit)))!;

            // What the clients have is what the server says, and what the log leads to is what the stored snapshot says.
            foreach (var app in (WebApplication[])[left, right])
            {
                foreach (var (id, document) in output["documents"]!.AsObject())
                {
                    var key = new DocumentKey("random", id);
                    var fetched = await app.Services.GetRequiredService<IDocumentService>().FetchAsync(key, Token);
                    Assert.Equal(document!["version"]!.GetValue<long>(), fetched.Version);
                    Assert.True(JsonNode.DeepEquals(document["data"], JsonNode.Parse(Plain(Encoding.UTF8.GetString(fetched.Data.Span)))), id);
                    var replayed = await app.Services.GetRequiredService<Starling.Documents.History.IDocumentHistory>()
                        .AtTimeAsync(key, DateTimeOffset.MaxValue, Token);
                    Assert.True(fetched.Data.Span.SequenceEqual(replayed.Data.Span), id);
                }
            }

            Assert.True(output["broken"]!.GetValue<int>() > 5, "Hardly any connection broke.");
        }

        folder.Delete(recursive: true);
    }

    private static string Plain(string json) => json.Replace("\\u", "u", StringComparison.Ordinal);

    private static (string Id, string Type)[] Types => [("one", "json0"), ("two", "json0"), ("three", "rich-text")];

    private static string Url(WebApplication app) => app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + "/";

    private static async Task<WebApplication> StartAsync(SqliteDocumentStore store, InMemoryBackplaneHub hub)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IBackplane>(new InMemoryBackplane(hub));
        builder.Services.AddDocuments(options => options.MilestoneInterval = 100).AddTypes().UseStore(_ => new SharedStore(store));
        var app = builder.Build();
        app.MapShareDb("/", options => options.MaxOperationsPerSecond = 100_000);
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return app;
    }
}
