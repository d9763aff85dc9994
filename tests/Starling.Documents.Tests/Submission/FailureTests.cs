using Starling.Documents.Storage;

namespace Starling.Documents.Tests.Submission;

/// <summary>What goes wrong with one submission is that one's business.</summary>
public sealed class FailureTests
{
    private static readonly DocumentKey Key = new("c", "d");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_number_that_a_client_uses_twice_in_a_batch_is_made_once_and_hurts_no_other()
    {
        var store = new FaultyStore(new MemoryDocumentStore());
        await using var server = await RunningDocuments.StartAsync(store: store);
        await server.Documents.CreateAsync(Key, "letters", "\"\"");
        using var rude = await server.ConnectAsync();
        using var honest = await server.ConnectAsync();
        var gate = new TaskCompletionSource();
        store.BeforeCommit = _ => gate.Task;

        // The first is on its way to the store while the others come together.
        await rude.SendAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":1,"op":[0,"a"]}""");
        await rude.SendAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":[0,"b"]}""");
        await rude.SendAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":[0,"c"]}""");
        await rude.SendAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":1,"op":[0,"d"]}""");
        await rude.SendAsync("""{"a":"op","c":"c","d":"d","v":1,"seq":2,"op":[0,"e"]}""");
        for (var i = 0; i < 20; i++)
        {
            await honest.SendAsync($$"""{"a":"op","c":"c","d":"d","v":1,"seq":{{i}},"op":[0,"h"]}""");
        }

        // A question that is answered after all that were sent before it.
        await rude.SendAsync("""{"a":"f","c":"c","d":"d","v":null}""");
        gate.SetResult();
        for (var acknowledged = 0; acknowledged < 20;)
        {
            var message = await honest.ReceiveAsync("op");
            Assert.False(message.TryGetProperty("error", out _), ProtocolClient.Text(message));
            acknowledged += message.TryGetProperty("op", out _) ? 0 : 1;
        }

        while ((await rude.ReceiveAsync()).GetProperty("a").GetString() != "f")
        {
        }

        var text = await server.Documents.FetchTextAsync("c", "d");
        Assert.Equal((22, 1, 1), (text.Trim('"').Length, text.Count(c => c == 'a'), text.Count(c => c == 'b')));
        var operations = await server.History.OperationsAsync(Key, 0, 100, Token);
        Assert.Equal(operations.Count, operations.DistinctBy(operation => operation.Id).Count());
    }

    [Fact]
    public async Task A_number_that_was_used_long_ago_hurts_no_other()
    {
        await using var server = await RunningDocuments.StartAsync(options => options.MaxTailOperations = 1);
        await server.Documents.CreateAsync(Key, "number-type", "0");
        using var client = await server.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.AskAsync($$"""{"a":"op","c":"c","d":"d","v":{{i + 1}},"seq":{{i}},"op":1}""");
        }

        var again = await client.AskAsync("""{"a":"op","c":"c","d":"d","v":6,"seq":2,"op":1}""");
        Assert.Equal((2, 3), (again.GetProperty("seq").GetInt32(), again.GetProperty("v").GetInt32()));
        await server.Documents.EditAsync(Key, "10");
        Assert.Equal("15", await server.Documents.FetchTextAsync("c", "d"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_step_that_times_out_refuses_its_own_operation_only(bool inApply)
    {
        var store = new FaultyStore(new MemoryDocumentStore());
        await using var server = await RunningDocuments.StartAsync(
            options =>
            {
                if (inApply)
                {
                    options.Middleware.Apply.Use(context => Fail(context.Data));
                }
                else
                {
                    options.Middleware.Commit.Use(context => Fail(context.Data));
                }
            },
            store: store);
        await server.Documents.CreateAsync(Key, "letters", "\"\"");
        var gate = new TaskCompletionSource();
        store.BeforeCommit = _ => gate.Task;
        var first = server.Documents.EditAsync(Key, """[0,"x"]""");
        var good = server.Documents.EditAsync(Key, """[0,"y"]""");
        var bad = server.Documents.EditAsync(Key, """[0,"t"]""");
        var last = server.Documents.EditAsync(Key, """[0,"w"]""");
        gate.SetResult();

        Assert.Equal(DocumentErrors.Unknown, (await Assert.ThrowsAsync<DocumentException>(() => bad)).Code);
        await Task.WhenAll(first, good, last);
        Assert.Equal("\"wyx\"", await server.Documents.FetchTextAsync("c", "d"));

        static void Fail(ReadOnlyMemory<byte> data)
        {
            if (data.Span.IndexOf("t"u8) >= 0)
            {
                throw new OperationCanceledException("It took too long.");
            }
        }
    }

    [Fact]
    public async Task What_fails_after_the_commit_fails_nothing_that_was_committed()
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, "number-type", "0");
        using var broken = new Starling.Documents.Subscriptions.OperationSubscription(_ => throw new InvalidOperationException("No."));
        await server.Engine.SubscribeAsync(Key, broken);
        broken.Start();
        var seen = new List<long>();
        using var whole = new Starling.Documents.Subscriptions.OperationSubscription(operation => seen.Add(operation.Version));
        await server.Engine.SubscribeAsync(Key, whole);
        whole.Start();
        var completed = 0;
        for (var i = 0; i < 3; i++)
        {
            server.Engine.Submit(
                new Starling.Documents.Submission.SubmissionRequest
                {
                    Session = new DocumentSession("s", null, null!),
                    Key = Key,
                    Id = new OperationId("s", i),
                    Kind = OperationKind.Edit,
                    Data = "1"u8.ToArray(),
                },
                _ =>
                {
                    Interlocked.Increment(ref completed);
                    throw new InvalidOperationException("No.");
                });
        }

        Assert.Equal(4, (await server.Documents.EditAsync(Key, "1")).Version);
        Assert.Equal("4", await server.Documents.FetchTextAsync("c", "d"));
        Assert.Equal(3, completed);
        Assert.Equal([1, 2, 3, 4], seen);
    }

    [Theory]
    [InlineData("rich-text", "[{\"insert\":\"Hello\"}]", """[{"retain":0},{"insert":"Dolly "}]""")]
    [InlineData("rich-text", "[{\"insert\":\"Hello\"}]", """[{"delete":0}]""")]
    [InlineData("rich-text", "[{\"insert\":\"Hello\"}]", """[{"insert":""}]""")]
    [InlineData("rich-text", "[{\"insert\":\"Hello\"}]", """[{"insert":"a","attributes":{"constructor":1}}]""")]
    public async Task What_clients_would_take_for_something_else_is_refused(string type, string data, string operation)
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, type, data);
        var refusal = await Assert.ThrowsAsync<DocumentException>(() => server.Documents.EditAsync(Key, operation));
        Assert.Equal(DocumentErrors.OperationNotApplied, refusal.Code);
    }

    // The others get what the server has understood, and not what was sent.
    [Theory]
    [InlineData("text-unicode", "\"\"", """["a","b"]""", """["ab"]""")]
    [InlineData("text-unicode", "\"abc\"", """[1,{"d":9},"x"]""", """[1,{"d":2},"x"]""")]
    [InlineData("json0", "[1]", """[{"p":[7],"li":2},{"p":[9],"ld":1},{"p":[0],"lm":5}]""", """[{"p":[1],"li":2},{"p":[0],"lm":1}]""")]
    [InlineData("json0", "{}", """[{"p":["a"],"oi":1e400}]""", """[{"p":["a"],"oi":null}]""")]
    [InlineData("json0", "{}", """[{"p":["a"],"oi":1,"oi":2,"x":0}]""", """[{"p":["a"],"oi":2}]""")]
    [InlineData("rich-text", "[{\"insert\":\"xy\"}]", """[{"delete":1},{"delete":1},{"insert":"a"}]""", """{"ops":[{"delete":2},{"insert":"a"}]}""")]
    public async Task Operations_are_sent_on_in_the_form_in_which_they_were_read(string type, string data, string operation, string sent)
    {
        await using var server = await RunningDocuments.StartAsync();
        await server.Documents.CreateAsync(Key, type, data);
        using var client = await server.ConnectAsync();
        await client.AskAsync("""{"a":"s","c":"c","d":"d","v":null}""");
        await server.Documents.EditAsync(Key, operation);
        Assert.Equal(sent, (await client.ReceiveAsync("op")).GetProperty("op").GetRawText());
    }
}
