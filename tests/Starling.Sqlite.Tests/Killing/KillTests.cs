using System.Globalization;
using System.Text;
using Starling.Documents;
using Starling.Documents.Storage;

namespace Starling.Sqlite.Tests.Killing;

/// <summary>
/// A server with 200 writers is killed again and again. How often the environment variable STARLING_KILLS says; six times by default.
/// </summary>
public sealed class KillTests
{
    private const int Writers = 200;
    private const int Documents = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_operation_is_lost_and_none_is_made_twice()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("STARLING_KILLS") ?? "6", CultureInfo.InvariantCulture);
        var random = new Random(kills);
        var folder = Directory.CreateTempSubdirectory("starling-kill-");
        var database = Path.Combine(folder.FullName, "documents.db");
        await CreateDocumentsAsync(database);
        var writers = Enumerable.Range(1, Writers).Select(n => new Writer(n, "d" + (n % Documents))).ToList();
        for (var kill = 0; kill < kills; kill++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            var server = await ServerProcess.StartAsync(database, limit.Token);
            var work = writers.ConvertAll(writer => writer.RunAsync(server.Url, limit.Token));
            var before = writers.Sum(writer => writer.Acknowledged.Count);
            await ProgressAsync(() => writers.Sum(writer => writer.Acknowledged.Count) > before + random.Next(200, 3000), limit.Token);
            await server.DisposeAsync();
            await Task.WhenAll(work);
        }

        await CheckAsync(database, writers);
        folder.Delete(recursive: true);
    }

    private static async Task ProgressAsync(Func<bool> isEnough, CancellationToken cancellationToken)
    {
        while (!isEnough())
        {
            await Task.Delay(10, cancellationToken);
        }
    }

    private static async Task CreateDocumentsAsync(string database)
    {
        await using var store = new SqliteDocumentStore(database);
        for (var n = 0; n < Documents; n++)
        {
            var key = new DocumentKey("c", "d" + n);
            const string Type = "http://sharejs.org/types/number-type";
            await store.CommitAsync(
                new DocumentCommit
                {
                    Key = key,
                    ExpectedVersion = 0,
                    Operations =
                    [
                        new DocumentOperation
                        {
                            Version = 0, Id = new OperationId("test", 1), Kind = OperationKind.Create, Type = Type, Data = "0"u8.ToArray(), Time = 1,
                        },
                    ],
                    Snapshot = new DocumentSnapshot { Key = key, Version = 1, Type = Type, Data = "0"u8.ToArray() },
                },
                Token);
        }
    }

    private static async Task CheckAsync(string database, List<Writer> writers)
    {
        await using var store = new SqliteDocumentStore(database);
        foreach (var group in writers.GroupBy(writer => writer.Document))
        {
            var key = new DocumentKey("c", group.Key);
            var operations = await store.ReadOperationsAsync(key, 1, long.MaxValue, Token);
            Assert.Equal(Enumerable.Range(1, operations.Count).Select(version => (long)version), operations.Select(operation => operation.Version));

            var made = operations.Select(operation => long.Parse(Encoding.ASCII.GetString(operation.Data.Span), CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(made.Count, made.Distinct().Count());
            var lost = group.SelectMany(writer => writer.Acknowledged).Except(made).ToList();
            Assert.True(lost.Count == 0, $"{lost.Count} acknowledged operations of {key} are lost");

            var snapshot = await store.ReadSnapshotAsync(key, SnapshotPoint.Latest, Token);
            var behind = made.Take((int)snapshot.Version - 1).Sum();
            Assert.Equal(behind, long.Parse(Encoding.ASCII.GetString(snapshot.Data.Span), CultureInfo.InvariantCulture));
        }

        Assert.True(writers.Sum(writer => writer.Acknowledged.Count) > Writers, "Hardly anything was written.");
    }
}
