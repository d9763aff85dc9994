using System.Collections.Concurrent;
using System.Text.Json;

namespace Starling.Documents.Tests.ShareDb;

/// <summary>What a client learns that may read nothing, or only some.</summary>
public sealed class AccessTests
{
    private const string Rights = "X-Rights";

    /// <summary>Every request of the protocol, and what the application is asked before anything of a document is looked at.</summary>
    public static TheoryData<string, string, string> Requests => new()
    {
        { "f", """{"a":"f","c":"c","d":"d","v":null}""", "Read c/d" },
        { "f", """{"a":"f","c":"c","d":"d","v":0}""", "Read c/d" },
        { "s", """{"a":"s","c":"c","d":"d","v":null}""", "Read c/d" },
        { "s", """{"a":"s","c":"c","d":"d","v":0}""", "Read c/d" },
        { "u", """{"a":"u","c":"c","d":"d"}""", "" },
        { "bf", """{"a":"bf","c":"c","b":["d"]}""", "Read c/d" },
        { "bf", """{"a":"bf","c":"c","b":{"d":0}}""", "Read c/d" },
        { "bs", """{"a":"bs","c":"c","b":["d"]}""", "Read c/d" },
        { "bs", """{"a":"bs","c":"c","b":{"d":0}}""", "Read c/d" },
        { "bu", """{"a":"bu","c":"c","b":["d"]}""", "" },
        { "nf", """{"a":"nf","id":1,"c":"c","d":"d","v":1}""", "Read c/d" },
        { "nf", """{"a":"nf","id":1,"c":"c","d":"d","v":null}""", "Read c/d" },
        { "nt", """{"a":"nt","id":1,"c":"c","d":"d","ts":null}""", "Read c/d" },
        { "nt", """{"a":"nt","id":1,"c":"c","d":"d","ts":1}""", "Read c/d" },
        { "qf", """{"a":"qf","id":1,"c":"c","q":{"sort":[["secret",1]]}}""", "Query c" },
        { "qs", """{"a":"qs","id":1,"c":"c","q":{}}""", "Query c" },
        { "qs", """{"a":"qs","id":1,"c":"c","q":{},"r":[["d"],["e",0]]}""", "Query c" },
        { "qu", """{"a":"qu","id":1}""", "" },
        { "op", """{"a":"op","c":"c","d":"d","v":0,"seq":1,"op":[{"p":["secret",0],"sd":"x"}]}""", "Edit c/d" },
        { "op", """{"a":"op","c":"c","d":"d","v":null,"seq":2,"create":{"type":"json0"}}""", "Create c/d" },
        { "op", """{"a":"op","c":"c","d":"d","v":0,"seq":3,"del":true}""", "Delete c/d" },
        { "p", """{"a":"p","ch":"c.d","id":"x","p":1,"pv":0,"c":"c","d":"d","v":0,"t":"letters"}""", "Presence c/d" },
        { "p", """{"a":"p","ch":"c.d","id":"x","p":1,"pv":0}""", "Presence c/d" },
        { "p", """{"a":"p","ch":"room","id":"x","p":1,"pv":0}""", "Presence room" },
        { "ps", """{"a":"ps","ch":"c.d","seq":1}""", "Presence c/d" },
        { "ps", """{"a":"ps","ch":"room","seq":1}""", "Presence room" },
        { "pr", """{"a":"pr","ch":"c.d"}""", "Presence c/d" },
        { "pu", """{"a":"pu","ch":"c.d","seq":2}""", "" },
        { "hs", """{"a":"hs","id":null,"protocol":1,"protocolMinor":2}""", "" },
        { "pp", """{"a":"pp"}""", "" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_client_that_may_do_nothing_learns_nothing(string action, string request, string asked)
    {
        var asks = new ConcurrentQueue<string>();
        await using var server = await StartAsync(asks);
        await FillAsync(server);
        using var insider = await ConnectAsync(server, "all");
        await insider.AskAsync("""{"a":"ps","ch":"c.d","seq":1}""");
        await insider.AskAsync("""{"a":"ps","ch":"room","seq":2}""");
        using var outsider = await ConnectAsync(server, "none");
        asks.Clear();

        var answer = await outsider.AskAsync(request);

        Assert.Equal(action, answer.GetProperty("a").GetString());
        Assert.Equal(asked, string.Join(", ", asks));
        Assert.Equal(asked.Length > 0, IsRefused(answer));

        // Whatever goes on afterwards, the next message is the answer to the next request.
        await server.Documents.EditAsync(new DocumentKey("c", "d"), """[{"p":["secret"],"od":"","oi":"hidden again"}]""");
        await server.Documents.CreateAsync(new DocumentKey("c", "new"), "json0", """{"secret":"hidden"}""");
        await insider.AskAsync("""{"a":"p","ch":"room","id":"me","p":"hidden","pv":0}""");
        await insider.AskAsync("""{"a":"p","ch":"c.d","id":"me","p":"hidden","pv":0}""");
        Assert.Equal("pp", (await outsider.AskAsync("""{"a":"pp"}""")).GetProperty("a").GetString());
        Assert.DoesNotContain("hidden", ProtocolClient.Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void The_guide_says_what_is_asked_for_each_kind_of_request()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Starling.slnx")))
        {
            folder = folder.Parent!;
        }

        var table = File.ReadLines(Path.Combine(folder.FullName, "docs", "guides", "documents.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();
        foreach (var (action, _, asked) in Requests.Select(row => row.Data))
        {
            var kind = asked.Split(' ')[0];
            Assert.Contains(table, line =>
                line.Split('|')[1].Contains($"`{action}`", StringComparison.Ordinal)
                && (kind.Length == 0 ? line.Contains("nothing", StringComparison.Ordinal) : line.Contains($"`{kind}`", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_hidden_value_makes_no_difference_to_any_query()
    {
        var low = await AnswersAsync("3");
        var high = await AnswersAsync("700");

        Assert.Equal(low, high);
        Assert.Contains(low, answer => answer.Contains("\"mine\"", StringComparison.Ordinal));

        static async Task<List<string>> AnswersAsync(string hidden)
        {
            await using var server = await StartAsync([]);
            await server.Documents.CreateAsync(new DocumentKey("c", "hidden"), "json0", $$"""{"n":{{hidden}}}""");
            await server.Documents.CreateAsync(new DocumentKey("c", "mine"), "json0", """{"n":5}""");
            await server.Documents.CreateAsync(new DocumentKey("c", "mine2"), "json0", """{"n":6}""");
            using var client = await ConnectAsync(server, "Query,Read:mine,Read:mine2");
            var answers = new List<string>();
            string[] queries =
            [
                """{"sort":[["n",1]],"limit":1}""", """{"sort":[["n",-1]],"limit":1}""", """{"sort":[["n",1]],"skip":1}""", """{"skip":2}""",
                """{"filter":{"n":{"$gt":100}}}""", """{"filter":{"n":3}}""", """{"sort":[["n",1]],"skip":1,"limit":1}""",
            ];
            foreach (var query in queries)
            {
                answers.Add(ProtocolClient.Text(await client.AskAsync($$"""{"a":"qf","id":1,"c":"c","q":{{query}}}""")));
                answers.Add(ProtocolClient.Text(await client.AskAsync($$"""{"a":"qs","id":2,"c":"c","q":{{query}}}""")));
            }

            return answers;
        }
    }

    [Fact]
    public async Task A_projection_is_not_searched_by_what_it_does_not_show()
    {
        await using var server = await RunningDocuments.StartAsync(
            options =>
            {
                options.Projections.Add(new Starling.Documents.Subscriptions.Projection("names", "c", ["name"]));
                options.Authorize = (_, _) => ValueTask.FromResult(true);
            });
        await FillAsync(server);
        using var client = await server.ConnectAsync();
        foreach (var query in (string[])["""{"filter":{"secret":{"$gt":"a"}}}""", """{"sort":[["secret",1]]}""", """{"filter":{"secret.x":1}}"""])
        {
            Assert.Equal(DocumentErrors.NotAllowedInProjection, Code(await client.AskAsync($$"""{"a":"qf","id":1,"c":"names","q":{{query}}}""")));
        }

        Assert.False(IsRefused(await client.AskAsync("""{"a":"qf","id":1,"c":"names","q":{"filter":{"name":"x"}}}""")));
    }

    [Fact]
    public async Task A_live_query_brings_no_operations_of_documents_that_its_client_only_says_it_has()
    {
        await using var server = await StartAsync([]);
        await FillAsync(server);
        await server.Documents.CreateAsync(new DocumentKey("c", "mine"), "json0", """{"n":0}""");
        using var client = await ConnectAsync(server, "Query,Read:mine");
        await client.SendAsync("""{"a":"qs","id":1,"c":"c","q":{"sort":[["n",1]]},"r":[["d",1],["mine",1]]}""");
        for (var i = 0; i < 40; i++)
        {
            await server.Documents.EditAsync(new DocumentKey("c", "d"), """[{"p":["secret"],"od":"","oi":"hidden"}]""");
        }

        await server.Documents.EditAsync(new DocumentKey("c", "mine"), """[{"p":["n"],"na":1}]""");
        string message;
        do
        {
            message = await client.ReceiveTextAsync();
            Assert.DoesNotContain("hidden", message, StringComparison.Ordinal);
        }
        while (!message.Contains("\"op\":[{\"p\":[\"n\"]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_may_change_but_not_read_gets_its_acknowledgement_and_nothing_else()
    {
        await using var server = await StartAsync([]);
        await FillAsync(server);
        using var client = await ConnectAsync(server, "Edit");
        var acknowledged = await client.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":1,"op":[{"p":["more"],"oi":1}]}""");
        Assert.Equal((1, false), (acknowledged.GetProperty("v").GetInt32(), IsRefused(acknowledged)));

        var late = await client.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":[{"p":["other"],"oi":1}]}""");
        Assert.Equal((2, 2), (late.GetProperty("seq").GetInt32(), late.GetProperty("v").GetInt32()));

        var refused = await client.AskAsync("""{"a":"op","c":"c","d":"d","v":3,"seq":3,"op":[{"p":["secret",0],"sd":"x"}]}""");
        Assert.Equal(DocumentErrors.OperationNotApplied, Code(refused));
        Assert.DoesNotContain("hidden", ProtocolClient.Text(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_presence_in_a_document_reaches_only_those_who_may_see_it_whatever_the_channel()
    {
        await using var server = await StartAsync([]);
        await FillAsync(server);
        using var insider = await ConnectAsync(server, "all");
        using var outsider = await ConnectAsync(server, "Presence:other");
        Assert.False(IsRefused(await outsider.AskAsync("""{"a":"ps","ch":"x.other","seq":1}""")));
        await insider.AskAsync("""{"a":"p","ch":"x.other","id":"me","p":"hidden","pv":0,"c":"c","d":"d","v":1}""");
        await insider.AskAsync("""{"a":"p","ch":"x.other","id":"me","p":"shown","pv":1,"c":"x","d":"other","v":0}""");
        Assert.Equal("shown", (await outsider.ReceiveAsync("p")).GetProperty("p").GetString());
    }

    private static bool IsRefused(JsonElement answer) =>
        answer.TryGetProperty("error", out _)
        || (answer.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            && data.TryGetProperty("d", out var document) && document.TryGetProperty("error", out _));

    private static string? Code(JsonElement answer) => answer.GetProperty("error").GetProperty("code").GetString();

    private static Task<RunningDocuments> StartAsync(ConcurrentQueue<string> asks) => RunningDocuments.StartAsync(options =>
    {
        options.Middleware.Connect.Use(context => context.Session.Items[Rights] = context.Request.Request.Headers[Rights].ToString());
        options.Authorize = (access, _) =>
        {
            asks.Enqueue($"{access.Kind} {access.Collection}{(access.Id is null ? "" : "/" + access.Id)}");
            var rights = ((string)access.Session.Items[Rights]!).Split(',');
            return ValueTask.FromResult(
                rights.Contains("all") || rights.Contains(access.Kind.ToString()) || rights.Contains($"{access.Kind}:{access.Id}"));
        };
    });

    private static Task<ProtocolClient> ConnectAsync(RunningDocuments server, string rights) =>
        server.ConnectAsync(options: options => options.SetRequestHeader(Rights, rights));

    private static async Task FillAsync(RunningDocuments server)
    {
        await server.Documents.CreateAsync(new DocumentKey("c", "d"), "json0", """{"secret":"hidden","name":"x"}""");
        await server.Documents.CreateAsync(new DocumentKey("c", "e"), "json0", """{"secret":"hidden","name":"y"}""");
    }
}
