using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Documents;

namespace Starling.Sqlite.Tests;

/// <summary>A disk that is full again and again, at another commit each time: SQLite's limit of pages fails with the same error.</summary>
public sealed class FullDiskTests
{
    private const int Operations = 300;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_there_and_the_service_goes_on_when_there_is_room()
    {
        var folder = Directory.CreateTempSubdirectory("starling-full-");
        var key = new DocumentKey("c", "d");
        var acknowledged = new List<int>();
        var failures = 0;
        var store = new SqliteDocumentStore(Path.Combine(folder.FullName, "documents.db"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddDocuments(options => options.MilestoneInterval = 7).UseStore(_ => store);
        await using (var app = builder.Build())
        {
            app.MapShareDb("/");
            app.Urls.Add("http://127.0.0.1:0");
            await app.StartAsync(Token);
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new Uri(app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal)), Token);
            var shake = await AskAsync(socket, """{"a":"hs","id":null,"protocol":1,"protocolMinor":2}""", "hs");
            var id = shake.GetProperty("id").GetString();
            var made = await AskAsync(
                socket, """{"a":"op","c":"c","d":"d","v":0,"seq":1,"create":{"type":"http://sharejs.org/types/JSONv0","data":{"l":[]}}}""", "op");
            Assert.False(made.TryGetProperty("error", out _), made.ToString());
            var pages = await LimitAsync(store, 0);
            for (var n = 2; n <= Operations; n++)
            {
                var item = n.ToString(CultureInfo.InvariantCulture).PadRight(1 + (n * 37 % 900), '.');
                var source = "";
                while (true)
                {
                    var answer = await AskAsync(
                        socket, $$"""{"a":"op","c":"c","d":"d",{{source}}"v":{{n - 1}},"seq":{{n}},"op":[{"p":["l",{{n - 2}}],"li":"{{item}}"}]}""", "op");
                    Assert.Equal(n, answer.GetProperty("seq").GetInt32());
                    if (!answer.TryGetProperty("error", out var error))
                    {
                        Assert.Equal(n - 1, answer.GetProperty("v").GetInt64());
                        acknowledged.Add(n);
                        break;
                    }

                    Assert.Equal(DocumentErrors.StoreFailed, error.GetProperty("code").GetString());
                    failures++;

                    // What is there can still be read, and is what was acknowledged.
                    var read = await AskAsync(socket, """{"a":"f","c":"c","d":"d","v":null}""", "f");
                    Assert.Equal(n - 1, read.GetProperty("data").GetProperty("v").GetInt64());
                    Assert.True(failures < 10 * Operations, "There is room, and the service does not go on.");
                    pages = await LimitAsync(store, pages + 1);
                    source = $"\"src\":\"{id}\",";
                }
            }
        }

        await store.DisposeAsync();
        Assert.True(failures > 20, $"The disk was full {failures} times.");
        await using var reopened = new SqliteDocumentStore(Path.Combine(folder.FullName, "documents.db"));
        var operations = await reopened.ReadOperationsAsync(key, 1, long.MaxValue, Token);
        Assert.Equal(acknowledged, operations.Select(operation => (int)operation.Id.Sequence));
        Assert.Equal(Enumerable.Range(1, Operations - 1), operations.Select(operation => (int)operation.Version));
        TestContext.Current.TestOutputHelper?.WriteLine($"The disk was full {failures} times.");
        folder.Delete(recursive: true);
    }

    // Returns how many pages the file may have now.
    private static Task<long> LimitAsync(SqliteDocumentStore store, long pages) => store.Writer.WriteAsync(session =>
    {
        var limit = Math.Max(pages, session.First("PRAGMA page_count", static row => row.GetInt64(0)));
        return session.First($"PRAGMA max_page_count = {limit}", static row => row.GetInt64(0));
    });

    private static async Task<JsonElement> AskAsync(ClientWebSocket socket, string text, string action)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Token);
        var bytes = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
            bytes.AddRange(buffer.AsSpan(0, result.Count));
            if (result.EndOfMessage)
            {
                var message = JsonDocument.Parse(bytes.ToArray()).RootElement;
                bytes.Clear();
                if (message.GetProperty("a").GetString() == "init")
                {
                    continue;
                }

                Assert.Equal(action, message.GetProperty("a").GetString());
                return message;
            }
        }
    }
}
