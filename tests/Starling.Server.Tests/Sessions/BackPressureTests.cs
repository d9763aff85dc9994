using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sessions;

/// <summary>A connection that the server does not read by choice.</summary>
public sealed class BackPressureTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Is_not_dead_while_it_is_not_read_nor_before_its_answer_can_be_read()
    {
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var step = new SemaphoreSlim(0);
        await using var server = await RunningServer.StartAsync(
            options => (options.PingInterval, options.PingTimeout, options.MaxQueuedEvents) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), 2),
            services => services.AddSingleton<TimeProvider>(_time));
        server.Io.On("slow", _ => busy.Task);
        server.Io.On("step", _ => step.WaitAsync(TestContext.Current.CancellationToken));
        server.Io.OnRequest("done", _ => Task.FromResult(1));
        var client = await server.ConnectAsync();
        var session = server.Io.Sockets.Single().Session;
        await client.SendAsync("42[\"slow\"]");
        for (var i = 0; i < 6; i++)
        {
            await client.SendAsync("42[\"step\"]");
        }

        await Eventually.TrueAsync(() => session.IsApplicationBusy, "nothing is read any more");

        // The client hears of the server all the time: it would take the connection for dead otherwise.
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("2", await client.ReceiveAsync());
        }

        // Its answer lies behind events that are not read yet.
        await client.SendAsync("3");
        busy.SetResult();
        for (var i = 0; i < 3; i++)
        {
            // The queue is half empty, and read on until it is full again.
            _time.Advance(TimeSpan.FromSeconds(1.5));
            Assert.Null(session.CloseReason);
            step.Release();
            var left = 6 - i - 1;
            await Eventually.TrueAsync(() => step.CurrentCount == 0, $"{left} are left");
        }

        step.Release(3);
        await client.SendAsync("421[\"done\"]");
        string answer;
        while ((answer = await client.ReceiveAsync()) == "2")
        {
        }

        Assert.Equal("431[1]", answer);
        Assert.Null(session.CloseReason);
    }

    [Fact]
    public async Task Is_not_dead_while_a_handler_blocks_its_thread()
    {
        using var block = new ManualResetEventSlim();
        await using var server = await RunningServer.StartAsync(
            options => (options.PingInterval, options.PingTimeout) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)),
            services => services.AddSingleton<TimeProvider>(_time));
        server.Io.On("block", _ =>
        {
            block.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        });
        server.Io.OnRequest("done", _ => Task.FromResult(1));
        var client = await server.ConnectAsync();
        var session = server.Io.Sockets.Single().Session;
        await client.SendAsync("42[\"block\"]");
        await client.SendAsync("421[\"done\"]");
        await Eventually.TrueAsync(() => session.IsApplicationBusy, "the handler runs");
        _time.Advance(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        block.Set();
        string answer;
        while ((answer = await client.ReceiveAsync()) == "2")
        {
        }

        // 7.8 s: without the time that it gets again it would have been dead at 6 s.
        Assert.Equal("431[1]", answer);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        await client.SendAsync("422[\"done\"]");
        Assert.Equal("432[1]", await client.ReceiveAsync());
        Assert.Null(session.CloseReason);
    }

    [Fact]
    public async Task Has_the_whole_time_for_its_answer_from_when_it_is_read_again()
    {
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RunningServer.StartAsync(
            options => (options.PingInterval, options.PingTimeout, options.MaxQueuedEvents) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), 1),
            services => services.AddSingleton<TimeProvider>(_time));
        server.Io.On("slow", _ => busy.Task);
        server.Io.OnRequest("done", _ => Task.FromResult(1));
        var client = await server.ConnectAsync();
        var session = server.Io.Sockets.Single().Session;
        await client.SendAsync("42[\"slow\"]");
        await client.SendAsync("421[\"done\"]");
        await Eventually.TrueAsync(() => session.IsApplicationBusy, "nothing is read any more");
        _time.Advance(TimeSpan.FromSeconds(3.5));
        busy.SetResult();
        Assert.Equal("2", await client.ReceiveAsync());
        Assert.Equal("431[1]", await client.ReceiveAsync());
        await Eventually.TrueAsync(() => !session.IsApplicationBusy, "it is read again");

        // 5.3 s: the time of the ping is over since 4 s, that of the answer is not before 5.5 s.
        _time.Advance(TimeSpan.FromSeconds(1.8));
        await client.SendAsync("422[\"done\"]");
        Assert.Equal("432[1]", await client.ReceiveAsync());
        Assert.Null(session.CloseReason);

        // One that gives no answer then is dead.
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await Eventually.TrueAsync(() => session.CloseReason == Starling.Server.Sessions.DisconnectReason.PingTimeout, "it is found dead");
    }
}
