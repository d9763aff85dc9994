using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Diagnostics;
using Starling.Server.Sessions;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

public sealed class HandlerTests
{
    [Fact]
    public async Task Handlers_of_one_socket_run_one_at_a_time_in_order_even_when_they_wait()
    {
        await using var server = await RunningServer.StartAsync();
        var running = 0;
        var order = new List<int>();
        server.Io.On<int>("step", async (_, number) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await Task.Delay(number % 3, TestContext.Current.CancellationToken);
            order.Add(number);
            Interlocked.Decrement(ref running);
        });
        server.Io.OnRequest("done", _ => Task.FromResult(true));
        var client = await server.ConnectAsync();
        for (var i = 0; i < 200; i++)
        {
            await client.SendAsync($"42[\"step\",{i}]");
        }

        await client.SendAsync("421[\"done\"]");
        Assert.Equal("431[true]", await client.ReceiveAsync());
        Assert.Equal(Enumerable.Range(0, 200), order);
    }

    [Fact]
    public async Task A_handler_that_waits_for_its_own_client_is_not_starved()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.OnRequest("ask", async (Socket socket) => await socket.EmitWithAckAsync<int>("question", socket.Aborted) + 1);
        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"ask\"]");
        Assert.Equal("420[\"question\"]", await client.ReceiveAsync());
        await client.SendAsync("430[41]");
        Assert.Equal("431[42]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task Large_events_that_wait_for_a_handler_stay_with_their_client()
    {
        await using var server = await RunningServer.StartAsync();
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handled = 0;
        server.Io.On("wait", _ => busy.Task);
        server.Io.On<string>("large", (_, _) => { handled++; });
        server.Io.OnRequest("handled", _ => Task.FromResult(handled));
        var client = await server.ConnectAsync();
        await client.SendAsync("42[\"wait\"]");
        var large = "42[\"large\",\"" + new string('x', 900_000) + "\"]";
        var sending = SendAsync();

        // Far more than fits on the way: what was sent can only be gone if the server has taken all of it into its memory.
        Assert.NotSame(sending, await Task.WhenAny(sending, Task.Delay(1_000, TestContext.Current.CancellationToken)));
        busy.SetResult();
        await sending;
        await client.SendAsync("421[\"handled\"]");
        Assert.Equal("431[100]", await client.ReceiveAsync());

        async Task SendAsync()
        {
            for (var i = 0; i < 100; i++)
            {
                await client.SendAsync(large);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Catch_all_listeners_for_what_is_sent_hear_broadcasts_too_and_one_that_fails_harms_nobody(bool recovers)
    {
        await using var server = await RunningServer.StartAsync(options =>
            options.ConnectionStateRecovery = recovers ? new ConnectionStateRecoveryOptions() : null);
        var heard = new List<string>();
        var ready = 0;
        server.Io.OnConnection(socket =>
        {
            socket.OnAnyOutgoing(heard.Add);
            socket.OnAnyOutgoing(_ => throw new InvalidOperationException("no"));
            Interlocked.Increment(ref ready);
        });
        var clients = new[] { await server.ConnectAsync(), await server.ConnectAsync() };
        await Eventually.TrueAsync(() => Volatile.Read(ref ready) == 2, "both sockets have their listeners");
        await server.Io.EmitAsync("to all");
        await server.Io.Sockets[0].EmitAsync("to one");
        var question = server.Io.Local.EmitWithAckAsync<int>("asked", TestContext.Current.CancellationToken);
        Assert.Equal(["to all", "to all", "to one", "asked", "asked"], heard);
        foreach (var client in clients)
        {
            Assert.StartsWith("42[\"to all\"", await client.ReceiveAsync(), StringComparison.Ordinal);
        }

        // Nobody answers.
        await server.Io.DisconnectSocketsAsync(close: true);
        await Assert.ThrowsAsync<AcknowledgementTimeoutException<int>>(() => question);
    }

    [Fact]
    public async Task Questions_and_requests_may_have_several_arguments_and_several_answers()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.OnRequest<int, string, int[], string>("join", (_, number, text, list) => Task.FromResult($"{number}{text}{list!.Length}"));
        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"join\",1,\"a\",[2,3]]");
        Assert.Equal("431[\"1a2\"]", await client.ReceiveAsync());

        var socket = server.Io.Sockets.Single();
        var one = socket.EmitWithAckAsync<int, string, int>("ask", 1, "a", TestContext.Current.CancellationToken);
        Assert.Equal("420[\"ask\",1,\"a\"]", await client.ReceiveAsync());
        await client.SendAsync("430[7]");
        Assert.Equal(7, await one);

        // As callbacks of Node's have it: an error and a result.
        var both = socket.Timeout(TimeSpan.FromSeconds(30)).EmitWithAckAsync<int, int, int, EventArguments>("ask", 1, 2, 3, TestContext.Current.CancellationToken);
        Assert.Equal("421[\"ask\",1,2,3]", await client.ReceiveAsync());
        await client.SendAsync("431[null,\"fine\"]");
        var answer = await both;
        Assert.Equal((2, null, "fine"), (answer!.Count, answer.Get<string>(0), answer.Get<string>(1)));

        var all = server.Io.Timeout(TimeSpan.FromSeconds(30)).EmitWithAckAsync<int, int, EventArguments>("ask", 1, 2, TestContext.Current.CancellationToken);
        Assert.Equal("422[\"ask\",1,2]", await client.ReceiveAsync());
        await client.SendAsync("432[8,9]");
        Assert.Equal(9, Assert.Single(await all)!.Get<int>(1));
    }

    [Fact]
    public async Task All_sockets_of_a_broadcast_are_waited_for_even_if_the_first_answer_while_it_is_still_being_sent()
    {
        await using var server = await RunningServer.StartAsync();
        const int Clients = 40;
        var clients = new List<RawClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await server.ConnectAsync());
        }

        // So long that sending it takes a while.
        var question = new string('?', 100_000);
        var answering = clients.ConvertAll(AnswerAsync);
        for (var round = 0; round < 20; round++)
        {
            var answers = await server.Io.Timeout(TimeSpan.FromSeconds(30))
                .EmitWithAckAsync<string, int>("poll", question, TestContext.Current.CancellationToken);
            Assert.Equal(Clients, answers.Count);
        }

        await server.Io.DisconnectSocketsAsync(close: true);
        await Task.WhenAll(answering);

        static async Task AnswerAsync(RawClient client)
        {
            while (await client.ReceiveAsync() is var packet && packet.StartsWith("42", StringComparison.Ordinal))
            {
                await client.SendAsync($"43{packet[2..packet.IndexOf('[', StringComparison.Ordinal)]}[1]");
            }
        }
    }

    [Fact]
    public async Task Middleware_and_catch_all_listeners_see_every_event_first()
    {
        await using var server = await RunningServer.StartAsync();
        var seen = new List<string>();
        server.Io.UseForEvents((received, _) => received.Name == "forbidden"
            ? throw new InvalidOperationException("Not this one.") : ValueTask.CompletedTask);
        server.Io.OnAny(received =>
        {
            seen.Add(received.Name);
            return Task.CompletedTask;
        });
        server.Io.OnRequest("forbidden", _ => Task.FromResult("never"));
        server.Io.OnRequest("allowed", _ => Task.FromResult("yes"));
        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"forbidden\"]");
        await client.SendAsync("422[\"allowed\"]");
        Assert.Equal("432[\"yes\"]", await client.ReceiveAsync());
        Assert.Equal(["allowed"], seen);
    }

    [Fact]
    public async Task An_event_is_traced_and_counted_when_somebody_listens()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.OnRequest("traced", _ => Task.FromResult(1));
        var traced = new TaskCompletionSource<System.Diagnostics.Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var traces = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name == ServerTraces.SourceName,
            Sample = (ref _) => System.Diagnostics.ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if ((string?)activity.GetTagItem("socketio.event") == "traced")
                {
                    traced.TrySetResult(activity);
                }
            },
        };
        System.Diagnostics.ActivitySource.AddActivityListener(traces);
        var received = 0L;
        using var metrics = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Name: "starling.messages.received", Meter.Name: ServerMetrics.MeterName })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        metrics.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref received, value));
        metrics.Start();

        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"traced\"]");
        Assert.Equal("431[1]", await client.ReceiveAsync());
        var activity = await traced.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal("/", activity.GetTagItem("messaging.destination.name"));
        Assert.True(Interlocked.Read(ref received) >= 2);
    }

    [Fact]
    public async Task Hubs_get_the_services_of_their_socket_and_those_end_with_it()
    {
        await using var server = await RunningServer.StartAsync(services: services => services.AddScoped<Diary>());
        server.Io.MapHub<DiaryHub>();
        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"write\",\"dear\"]");
        Assert.Equal("431[\"dear\"]", await client.ReceiveAsync());
        await client.SendAsync("422[\"write\",\"diary\"]");
        Assert.Equal("432[\"dear diary\"]", await client.ReceiveAsync());
        var diary = Diary.Last!;
        client.WebSocket.Abort();
        await Eventually.TrueAsync(() => diary is { Reason: not null, IsDisposed: true }, "the hub was told and its services disposed");
    }

    [Fact]
    public async Task A_slow_reader_is_cut_off_and_nobody_else_waits_for_it()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxSendQueueBytes = 200_000);
        DisconnectReason? reason = null;
        server.Io.OnDisconnect((_, why) => reason = why);
        var slow = await server.ConnectAsync();
        var quick = await server.ConnectAsync();
        var text = new string('x', 10_000);
        for (var i = 0; i < 2_000 && reason is null; i++)
        {
            await server.Io.EmitAsync("flood", text);
            Assert.Equal(text.Length + 14, (await quick.ReceiveAsync()).Length);
        }

        await Eventually.TrueAsync(() => reason is not null, "the slow reader is disconnected");
        Assert.Equal(DisconnectReason.SlowClient, reason);
        slow.WebSocket.Dispose();
    }

    private sealed class Diary : IDisposable
    {
        public static Diary? Last { get; private set; }

        public Diary() => Last = this;

        public List<string> Pages { get; } = [];

        public DisconnectReason? Reason { get; set; }

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class DiaryHub(Diary diary) : SocketHub
    {
        protected override Task OnConnectedAsync()
        {
            Socket.OnRequest<string, string>("write", text =>
            {
                diary.Pages.Add(text!);
                return Task.FromResult(string.Join(' ', diary.Pages));
            });
            return Task.CompletedTask;
        }

        protected override Task OnDisconnectedAsync(DisconnectReason reason)
        {
            diary.Reason = reason;
            return Task.CompletedTask;
        }
    }
}
