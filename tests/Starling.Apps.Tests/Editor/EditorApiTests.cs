using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Apps.Editor;
using Starling.Apps.Editor.Library;
using Starling.Documents;
using Starling.Documents.Hosting;

namespace Starling.Apps.Tests.Editor;

public sealed class EditorApiTests : IAsyncLifetime
{
    private WebApplication? _app;
    private HttpClient? _http;

    private HttpClient Http => _http!;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddEditor();
        _app = builder.Build();
        _app.MapEditor();
        _app.Urls.Add("http://127.0.0.1:0");
        await _app.StartAsync(Ending);
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single() + "/editor/api/") };
    }

    public async ValueTask DisposeAsync()
    {
        _http!.Dispose();
        await _app!.DisposeAsync();
    }

    [Fact]
    public async Task Of_many_who_create_the_same_name_at_once_one_succeeds()
    {
        for (var round = 0; round < 20; round++)
        {
            // In every other round the name is one that a deleted document had.
            if (round % 2 == 1)
            {
                Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"documents/Plan {round - 1}", Ending)).StatusCode);
            }

            string[] names = [$"Plan {round - (round % 2)}", $"PLAN {round - (round % 2)}"];
            using var clients = new Clients(Http.BaseAddress!, 8);
            var answers = await Task.WhenAll(clients.All.Select((client, i) => client.PostAsJsonAsync("documents", new { name = names[i % 2] }, Ending)));

            Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
            Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.Created), answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        }
    }

    [Fact]
    public async Task A_former_name_leads_to_its_document_until_another_one_is_given_it()
    {
        var first = await CreateAsync("Old");
        await RenameAsync("Old", "New");
        Assert.Equal((first, "New"), await FindAsync("old"));

        var second = await CreateAsync("Old");
        Assert.Equal((second, "Old"), await FindAsync("Old"));
        Assert.Equal((first, "New"), await FindAsync("New"));

        // A name of its own in other letters is no other name; that of another document is taken.
        Assert.Equal(HttpStatusCode.OK, (await Http.PatchAsJsonAsync("documents/New", new { name = "NEW" }, Ending)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await Http.PatchAsJsonAsync("documents/New", new { name = "old" }, Ending)).StatusCode);

        // Once a document is deleted its name is free.
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync("documents/Old", Ending)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.GetAsync("documents/Old", Ending)).StatusCode);
        Assert.NotEqual(second, await CreateAsync("Old"));
    }

    [Fact]
    public async Task A_deletion_whose_caller_goes_away_is_whole()
    {
        var library = _app!.Services.GetRequiredService<DocumentLibrary>();
        var documents = _app.Services.GetRequiredService<IDocumentService>();
        var middleware = _app.Services.GetRequiredService<IOptions<DocumentsOptions>>().Value.Middleware;
        var id = await CreateAsync("Half");
        using var leaving = new CancellationTokenSource();

        // The caller leaves while the first of the two documents is being deleted.
        middleware.Commit.Use(_ => leaving.Cancel());
        await library.DeleteAsync(DocumentName.Parse("Half"), "ada", leaving.Token);

        Assert.True(leaving.IsCancellationRequested);
        Assert.Null((await documents.FetchAsync(new DocumentKey(Collections.Texts, id), Ending)).Type);
        Assert.Null((await documents.FetchAsync(new DocumentKey(Collections.Entries, id), Ending)).Type);
    }

    [Fact]
    public async Task The_history_of_a_new_document_is_not_that_of_the_deleted_one_with_its_name()
    {
        await CreateAsync("Twice");
        using var first = await Http.GetAsync("documents/Twice/versions/1", Ending);
        Assert.True(first.Headers.CacheControl!.NoCache);
        using var same = await GetAsync("documents/Twice/versions/1", first.Headers.ETag!);
        await Http.DeleteAsync("documents/Twice", Ending);
        await CreateAsync("Twice");
        using var other = await GetAsync("documents/Twice/versions/1", first.Headers.ETag!);

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.NotEqual(first.Headers.ETag, other.Headers.ETag);
    }

    [Theory]
    [InlineData("""{"index":0,"length":0,"focused":true,"name":"Ada","color":"#1a2b3c","by":"x"}""", true)]
    [InlineData("""{"index":0,"length":0,"focused":true,"name":"Ada","color":"#1a2b3c","by":"x","more":1}""", true)]
    [InlineData("null", true)]
    [InlineData("""{"index":0,"length":0,"focused":true,"color":"#1a2b3c","by":"x"}""", false)]
    [InlineData("""{"index":0,"length":0,"focused":true,"name":null,"color":"#1a2b3c","by":"x"}""", false)]
    [InlineData("""{"index":-1,"length":0,"focused":true,"name":"Ada","color":"#1a2b3c","by":"x"}""", false)]
    [InlineData("""{"index":0,"length":"0","focused":true,"name":"Ada","color":"#1a2b3c","by":"x"}""", false)]
    [InlineData("""{"index":0,"length":0,"focused":1,"name":"Ada","color":"#1a2b3c","by":"x"}""", false)]
    [InlineData("""{"index":0,"length":0,"focused":true,"name":"Ada","color":"red;}","by":"x"}""", false)]
    [InlineData("[]", false)]
    [InlineData("1", false)]
    public async Task A_presence_that_pages_cannot_show_is_refused(string value, bool isAllowed)
    {
        var id = await CreateAsync("Present");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(Http.BaseAddress!.AbsoluteUri.Replace("http", "ws", StringComparison.Ordinal) + "sharedb"), Ending);
        await AskAsync(socket, null);
        await AskAsync(socket, """{"a":"hs","id":null,"protocol":1,"protocolMinor":2}""");
        await AskAsync(socket, $$"""{"a":"s","c":"{{Collections.Texts}}","d":"{{id}}"}""");

        var answer = await AskAsync(
            socket, $$"""{"a":"p","ch":"{{Collections.Texts}}.{{id}}","id":"1","p":{{value}},"pv":1,"c":"{{Collections.Texts}}","d":"{{id}}","v":1,"t":"http://sharejs.org/types/rich-text/v1"}""");

        Assert.Equal(!isAllowed, answer.TryGetProperty("error", out _));
    }

    [Theory]
    [InlineData("", "bad-name")]
    [InlineData("  ", "bad-name")]
    [InlineData("a/b", "bad-name")]
    [InlineData("..", "bad-name")]
    [InlineData("tab\there", "bad-name")]
    public async Task A_name_that_cannot_be_an_address_is_refused_with_a_reason(string name, string code)
    {
        using var answer = await Http.PostAsJsonAsync("documents", new { name }, Ending);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Ending);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
    }

    [Theory]
    [InlineData("documents/Nothing", HttpStatusCode.NotFound)]
    [InlineData("documents/Nothing/changes", HttpStatusCode.NotFound)]
    [InlineData("documents/Here/versions/99", HttpStatusCode.NotFound)]
    [InlineData("documents/Here/versions/0", HttpStatusCode.NotFound)]
    [InlineData("documents/Here/versions/x", HttpStatusCode.BadRequest)]
    [InlineData("documents/Here/export.docx", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_a_problem_that_says_so(string path, HttpStatusCode status)
    {
        await CreateAsync("Here");
        using var answer = await Http.GetAsync(path, Ending);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task History_names_authors_as_the_server_knows_them_whatever_clients_claim()
    {
        var id = await CreateAsync("Claims");
        var documents = _app!.Services.GetRequiredService<IDocumentService>();
        var key = new DocumentKey("editor", id);
        await documents.SubmitAsync(key, Edit("""[{"insert":"by ada","attributes":{"author":"grace","bold":true}}]""", "ada"), Ending);
        await documents.SubmitAsync(key, Edit("""[{"retain":3},{"insert":"\ud83d"},{"retain":3,"attributes":{"author":"grace","italic":true}}]""", "joan"), Ending);

        var version = await Http.GetStringAsync("documents/Claims/versions/3", Ending);

        var contents = JsonDocument.Parse(version).RootElement.GetProperty("contents").GetProperty("ops").EnumerateArray().ToList();
        Assert.Equal(["ada", "joan", "ada"], contents.Take(3).Select(op => op.GetProperty("attributes").GetProperty("author").GetString()));
        Assert.Equal("\"\\ud83d\"", contents[1].GetProperty("insert").GetRawText());
        var changes = await Http.GetFromJsonAsync<JsonElement>("documents/Claims/changes", Ending);
        Assert.Equal(["ada", "joan"], changes.GetProperty("changes").EnumerateArray().Skip(1).Select(change => change.GetProperty("by").GetString()));
    }

    [Fact]
    public async Task Versions_are_the_same_in_whatever_order_they_are_asked_for()
    {
        var id = await CreateAsync("Long");
        var documents = _app!.Services.GetRequiredService<IDocumentService>();
        for (var i = 0; i < 600; i++)
        {
            await documents.SubmitAsync(new DocumentKey("editor", id), Edit($$"""[{"insert":"{{i}},"}]""", "author" + (i % 3)), Ending);
        }

        foreach (var version in (int[])[601, 1, 250, 251, 252, 500, 300, 601])
        {
            var text = await Http.GetFromJsonAsync<JsonElement>($"documents/Long/versions/{version}", Ending);
            var whole = string.Concat(text.GetProperty("contents").GetProperty("ops").EnumerateArray().Select(op => op.GetProperty("insert").GetString()));
            Assert.Equal(string.Concat(Enumerable.Range(0, version - 1).Reverse().Select(i => i + ",")) + "\n", whole);
        }
    }

    [Fact]
    public async Task People_are_known_by_what_they_last_called_themselves()
    {
        using var browser = new HttpClient { BaseAddress = Http.BaseAddress };
        Assert.Equal(HttpStatusCode.OK, (await browser.PutAsJsonAsync("me", new { name = " Ada ", color = "#112233" }, Ending)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.PutAsJsonAsync("me", new { name = "Lovelace", color = "#112233" }, Ending)).StatusCode);
        var me = await browser.GetFromJsonAsync<JsonElement>("me", Ending);
        Assert.Equal("Lovelace", me.GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PutAsJsonAsync("me", new { name = "x", color = "red;}" }, Ending)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PutAsJsonAsync("me", new { name = new string('x', 41), color = "#112233" }, Ending)).StatusCode);
        Assert.Equal("Lovelace", (await browser.GetFromJsonAsync<JsonElement>("me", Ending)).GetProperty("name").GetString());
    }

    private static DocumentChange Edit(string operation, string author) =>
        DocumentChange.Edit(System.Text.Encoding.UTF8.GetBytes(operation)) with { Author = author };

    private async Task<string> CreateAsync(string name)
    {
        using var answer = await Http.PostAsJsonAsync("documents", new { name }, Ending);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Ending)).GetProperty("document").GetString()!;
    }

    private async Task RenameAsync(string from, string to)
    {
        using var answer = await Http.PatchAsJsonAsync("documents/" + from, new { name = to }, Ending);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<(string Document, string Name)> FindAsync(string name)
    {
        var found = await Http.GetFromJsonAsync<JsonElement>("documents/" + name, Ending);
        return (found.GetProperty("document").GetString()!, found.GetProperty("name").GetString()!);
    }

    // Each a visitor of its own, since one alone may not do so much at once.
    private sealed class Clients(Uri address, int count) : IDisposable
    {
        public HttpClient[] All { get; } = [.. Enumerable.Range(0, count).Select(_ => new HttpClient { BaseAddress = address })];

        public void Dispose() => Array.ForEach(All, client => client.Dispose());
    }

    private async Task<HttpResponseMessage> GetAsync(string path, System.Net.Http.Headers.EntityTagHeaderValue known)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(known);
        return await Http.SendAsync(request, Ending);
    }

    private static async Task<JsonElement> AskAsync(ClientWebSocket socket, string? message)
    {
        if (message is not null)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, Ending);
        }

        var buffer = new byte[64 * 1024];
        var result = await socket.ReceiveAsync(buffer, Ending);
        return JsonDocument.Parse(buffer.AsMemory(0, result.Count)).RootElement.Clone();
    }
}
