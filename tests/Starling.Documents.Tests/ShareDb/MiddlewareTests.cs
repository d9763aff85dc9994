using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Starling.Documents.Hosting;
using Starling.Documents.Middleware;

namespace Starling.Documents.Tests.ShareDb;

/// <summary>The stages of the middleware, and authorisation.</summary>
public sealed class MiddlewareTests
{
    private const string Create = """{"a":"op","c":"c","d":"d","v":0,"seq":1,"x":{"why":"test"},"create":{"type":"letters","data":"abc"}}""";

    [Fact]
    public async Task Every_stage_is_passed_in_order()
    {
        var stages = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var server = await RunningDocuments.StartAsync(options =>
        {
            var middleware = options.Middleware;
            middleware.Connect.Use(_ => stages.Enqueue("connect"));
            middleware.Receive.Use(context => stages.Enqueue("receive " + context.Action));
            middleware.Submit.Use(context => stages.Enqueue("submit " + Encoding.UTF8.GetString(context.Extra.Span)));
            middleware.Apply.Use(context => stages.Enqueue("apply to " + context.Snapshot.Version));
            middleware.Commit.Use(context => stages.Enqueue("commit " + context.Snapshot.Text()));
            middleware.AfterWrite.Use(context => stages.Enqueue("afterWrite " + context.Operation.Version));
            middleware.Operation.Use(context => stages.Enqueue("op " + context.Operation.Version));
            middleware.ReadSnapshots.Use(context => stages.Enqueue($"readSnapshots {context.Kind} {context.Snapshots.Count}"));
            middleware.Query.Use(context => stages.Enqueue("query " + context.Collection));
            middleware.Reply.Use(context => stages.Enqueue("reply " + JsonDocument.Parse(context.Reply).RootElement.GetProperty("a")));
        });
        using var client = await server.ConnectAsync();
        await client.AskAsync(Create);
        await client.AskAsync("""{"a":"f","c":"c","d":"d","v":0}""");
        await client.ReceiveAsync("f");
        await client.AskAsync("""{"a":"nf","id":1,"c":"c","d":"d","v":1}""");
        await client.AskAsync("""{"a":"qf","id":1,"c":"c","q":{}}""");
        Assert.Equal(
            [
                "connect", "receive hs", "receive op", """submit {"why":"test"}""", "apply to 0", "commit \"abc\"", "afterWrite 0", "reply op",
                "receive f", "op 0", "reply f", "receive nf", "readSnapshots ByVersion 1", "reply nf",
                "receive qf", "query c", "readSnapshots Current 1", "reply qf",
            ],
            stages);
    }

    [Theory]
    [InlineData("receive")]
    [InlineData("submit")]
    [InlineData("apply")]
    [InlineData("commit")]
    public async Task A_refusal_keeps_the_operation_out_and_is_told(string stage)
    {
        await using var server = await RunningDocuments.StartAsync(options =>
        {
            void Refuse(string at)
            {
                if (at == stage)
                {
                    throw new DocumentException("ERR_MINE", "Not today");
                }
            }

            options.Middleware.Receive.Use(context => Refuse(context.Action == "op" ? "receive" : ""));
            options.Middleware.Submit.Use(_ => Refuse("submit"));
            options.Middleware.Apply.Use(_ => Refuse("apply"));
            options.Middleware.Commit.Use(_ => Refuse("commit"));
        });
        using var client = await server.ConnectAsync();
        var error = (await client.AskAsync(Create)).GetProperty("error");
        Assert.Equal(("ERR_MINE", "Not today"), (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
        Assert.Equal("", await server.Documents.FetchTextAsync("c", "d"));
    }

    [Fact]
    public async Task A_step_that_fails_refuses_without_telling_why_and_the_server_goes_on()
    {
        await using var server = await RunningDocuments.StartAsync(options =>
        {
            options.Middleware.Apply.Use(_ => throw new InvalidOperationException("the password is 1234"));
            options.Middleware.ReadSnapshots.Use(_ => throw new InvalidOperationException("the password is 1234"));
        });
        using var client = await server.ConnectAsync();
        foreach (var request in (string[])[Create, """{"a":"f","c":"c","d":"d","v":null}"""])
        {
            var reply = await client.AskAsync(request);
            Assert.True(reply.TryGetProperty("error", out _));
            Assert.DoesNotContain("1234", reply.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_fix_up_reaches_everybody_and_its_sender_with_the_acknowledgement()
    {
        await using var server = await RunningDocuments.StartAsync(options => options.Middleware.Apply.Use(context =>
        {
            if (context.Kind == Starling.Documents.Storage.OperationKind.Edit)
            {
                context.FixUp("""[0,"!"]"""u8.ToArray());
            }
        }));
        using var client = await server.ConnectAsync();
        using var other = await server.ConnectAsync();
        await client.AskAsync(Create);
        await other.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        var reply = await client.AskAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":[3,"d"]}""");
        Assert.Equal("""[0,"!"]""", reply.GetProperty("fixup")[0].GetProperty("op").GetRawText());
        Assert.Equal("""[3,"d",0,"!"]""", (await other.ReceiveAsync("op")).GetProperty("op").GetRawText());
        Assert.Equal("\"!abcd\"", await server.Documents.FetchTextAsync("c", "d"));

        // Sent again, it is acknowledged with the same fix-up.
        var again = await client.AskAsync($$"""{"a":"op","c":"c","d":"d","v":1,"seq":2,"src":"{{client.Id}}","op":[3,"d"]}""");
        Assert.Equal("""[0,"!"]""", again.GetProperty("fixup")[0].GetProperty("op").GetRawText());
    }

    [Fact]
    public async Task Of_several_snapshots_some_may_be_refused_or_changed()
    {
        await using var server = await RunningDocuments.StartAsync(options => options.Middleware.ReadSnapshots.Use(context =>
        {
            foreach (var snapshot in context.Snapshots.ToList())
            {
                if (snapshot.Key.Id == "secret")
                {
                    context.RejectSilently("secret", "No");
                }
                else
                {
                    context.Replace(snapshot, "\"***\""u8.ToArray());
                }
            }
        }));
        await server.Documents.CreateAsync(new("c", "open"), "letters", "\"x\"");
        await server.Documents.CreateAsync(new("c", "secret"), "letters", "\"y\"");
        using var client = await server.ConnectAsync();
        var data = (await client.AskAsync("""{"a":"bs","c":"c","b":["open","secret"]}""")).GetProperty("data");
        Assert.Equal("***", data.GetProperty("open").GetProperty("data").GetString());
        Assert.Equal(DocumentErrors.SnapshotReadSilentRejection, data.GetProperty("secret").GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(
            DocumentErrors.SnapshotReadsRejected,
            (await client.AskAsync("""{"a":"qf","id":1,"c":"c","q":{}}""")).GetProperty("error").GetProperty("code").GetString());

        // The refused one is not subscribed to.
        await server.Documents.EditAsync(new("c", "secret"), """[0,"z"]""");
        await server.Documents.EditAsync(new("c", "open"), """[0,"z"]""");
        Assert.Equal("open", (await client.ReceiveAsync("op")).GetProperty("d").GetString());
    }

    [Fact]
    public async Task Who_may_what_is_asked_for_each_document()
    {
        await using var server = await RunningDocuments.StartAsync(
            documents: options => options.Authorize = (access, _) => ValueTask.FromResult(access switch
            {
                { Kind: AccessKind.Query } => true,
                { Id: "public", Kind: AccessKind.Read } => true,
                { Id: var id } => id == access.Session.UserId,
            }),
            use: app => app.Use((context, next) =>
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, context.Request.Headers["user"].ToString())], "test"));
                return next(context);
            }));
        foreach (var id in (string[])["public", "ann", "bob"])
        {
            await server.Documents.CreateAsync(new("c", id), "letters", $"\"{id}\"");
        }

        using var ann = await server.ConnectAsync(options: options => options.SetRequestHeader("user", "ann"));
        async Task Expect(string request, bool allowed)
        {
            var reply = await ann.AskAsync(request);
            Assert.Equal(allowed ? null : DocumentErrors.AccessDenied, reply.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : null);
        }

        foreach (var (id, read, edit) in ((string, bool, bool)[])[("public", true, false), ("ann", true, true), ("bob", false, false)])
        {
            await Expect($$"""{"a":"f","c":"c","d":"{{id}}","v":null}""", read);
            await Expect($$"""{"a":"s","c":"c","d":"{{id}}","v":1}""", read);
            await Expect($$"""{"a":"nf","id":1,"c":"c","d":"{{id}}","v":1}""", read);
            await Expect($$"""{"a":"op","c":"c","d":"{{id}}","v":1,"seq":1,"op":[0,"x"]}""", edit);
            await Expect($$"""{"a":"p","ch":"c.{{id}}","id":"1","p":1,"pv":0,"c":"c","d":"{{id}}","v":1,"t":"letters"}""", edit);
        }

        var found = await ann.AskAsync("""{"a":"qf","id":1,"c":"c","q":{}}""");
        Assert.Equal(["ann", "public"], found.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("d").GetString()));
        Assert.Equal("ann", (await server.History.OperationsAsync(new("c", "ann"), 1, 2, TestContext.Current.CancellationToken))[0].Author);

        // An id that was issued to one user is none of another's.
        using var bob = await server.ConnectAsync(ann.Id, options => options.SetRequestHeader("user", "bob"));
        Assert.NotEqual(ann.Id, bob.Id);
    }

    [Fact]
    public async Task Who_may_not_connect_is_told_before_the_upgrade()
    {
        await using var server = await RunningDocuments.StartAsync(
            options => options.Middleware.Connect.Use(_ => throw new DocumentException("ERR_MINE", "Members only")));
        var failure = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => server.OpenAsync());
        Assert.Contains("403", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://elsewhere.example", null, false)]
    [InlineData("http://elsewhere.example", "http://elsewhere.example", true)]
    [InlineData("http://elsewhere.example", "*", true)]
    [InlineData("null", null, false)]
    public async Task Pages_of_other_origins_need_leave(string origin, string? allowed, bool connects)
    {
        await using var server = await RunningDocuments.StartAsync(shareDb: options => options.AllowedOrigins = allowed is null ? null : [allowed]);
        var connecting = server.ConnectAsync(options: options => options.SetRequestHeader("Origin", origin));
        if (connects)
        {
            Assert.NotEmpty((await connecting).Id);
        }
        else
        {
            await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => connecting);
        }
    }

    [Fact]
    public async Task Stages_run_their_steps_in_the_order_of_their_adding()
    {
        var stage = new MiddlewareStage<List<int>>();
        stage.Use(list => list.Add(1));
        stage.Use(async (list, token) =>
        {
            await Task.Yield();
            list.Add(2);
        });
        stage.Use(list => list.Add(3));
        var steps = new List<int>();
        await stage.RunAsync(steps, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], steps);
    }
}
