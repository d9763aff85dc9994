using System.Text.RegularExpressions;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

public sealed class DynamicNamespaceTests
{
    private static readonly Regex Boards = new("^/board-\\d+$");

    [Fact]
    public async Task A_namespace_that_is_asked_for_by_name_is_the_one_its_clients_are_in()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.Of(Boards).OnRequest("where", socket => Task.FromResult(socket.Namespace.Name));
        var before = server.Io.Of("/board-1");
        var client = await server.ConnectAsync(name: "/board-1,");
        await server.ConnectAsync(name: "/board-2,");
        Assert.Same(before, server.Io.Of("/board-1"));
        Assert.Equal((1, 1), (before.SocketCount, server.Io.Of("board-2").SocketCount));
        await server.Io.Of("/board-1").EmitAsync("hello");
        Assert.Equal("42/board-1,[\"hello\"]", await client.ReceiveAsync());
        await client.SendAsync("42/board-1,1[\"where\"]");
        Assert.Equal("43/board-1,1[\"/board-1\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task Handlers_for_one_name_are_refused_since_all_names_share_them()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.Of(Boards);
        var exception = Assert.Throws<InvalidOperationException>(() => server.Io.Of("/board-1").OnConnection(_ => { }));
        Assert.Contains("add them to what Of returned for its pattern", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_namespace_goes_with_its_last_client_or_one_that_may_not_join_unless_the_application_has_it(bool refuses)
    {
        await using var server = await RunningServer.StartAsync();
        var boards = server.Io.Of(Boards);
        boards.Use((_, _) => refuses ? throw new ConnectRefusedException("no") : ValueTask.CompletedTask);
        var kept = server.Io.Of("/board-0");
        var client = await server.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync($"40/board-{i},");
            Assert.StartsWith(refuses ? $"44/board-{i}," : $"40/board-{i},", await client.ReceiveAsync(), StringComparison.Ordinal);
        }

        client.WebSocket.Abort();
        await Eventually.TrueAsync(() => boards.Children.Count == 1 && boards.Children.Contains(kept), "the others are gone");
    }

    [Fact]
    public async Task A_namespace_that_somebody_is_about_to_join_stays_when_the_last_client_leaves()
    {
        await using var server = await RunningServer.StartAsync();
        var admitted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var boards = server.Io.Of(Boards);
        boards.Use(async (socket, _) =>
        {
            if (socket.Handshake.Auth.TryGetProperty("waits", out var _))
            {
                waiting.SetResult();
                await admitted.Task;
            }
        });
        boards.OnDisconnect((_, _) => left.SetResult());
        var first = await server.ConnectAsync(name: "/board-1,");
        var second = await server.ConnectAsync();
        await second.SendAsync("40/board-1,{\"waits\":true}");
        var third = await server.ConnectAsync();
        await waiting.Task;
        await first.SendAsync("41/board-1,");
        await left.Task;
        await third.SendAsync("40/board-1,");
        Assert.StartsWith("40/board-1,", await third.ReceiveAsync(), StringComparison.Ordinal);
        admitted.SetResult();
        Assert.StartsWith("40/board-1,", await second.ReceiveAsync(), StringComparison.Ordinal);
        await server.Io.Of("/board-1").EmitAsync("together");
        Assert.Equal("42/board-1,[\"together\"]", await second.ReceiveAsync());
        Assert.Equal("42/board-1,[\"together\"]", await third.ReceiveAsync());
    }

    [Fact]
    public async Task A_client_may_be_in_so_many_namespaces_and_join_another_when_it_has_left_one()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxNamespacesPerSession = 3);
        server.Io.Of(Boards);
        var client = await server.ConnectAsync();
        for (var i = 1; i <= 2; i++)
        {
            await client.SendAsync($"40/board-{i},");
            Assert.StartsWith($"40/board-{i},", await client.ReceiveAsync(), StringComparison.Ordinal);
        }

        await client.SendAsync("40/board-3,");
        Assert.Equal("44/board-3,{\"message\":\"Too many namespaces\"}", await client.ReceiveAsync());
        await client.SendAsync("41/board-1,");
        await client.SendAsync("40/board-3,");
        Assert.StartsWith("40/board-3,", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_namespaces_that_wait_for_lost_clients_are_limited_in_number()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions { MaxEmptyNamespaces = 3 });
        var boards = server.Io.Of(Boards);
        for (var i = 1; i <= 20; i++)
        {
            var client = await server.ConnectAsync();
            await client.SendAsync($"40/board-{i},");
            Assert.StartsWith($"40/board-{i},", await client.ReceiveAsync(), StringComparison.Ordinal);
            client.WebSocket.Abort();
        }

        await Eventually.TrueAsync(() => server.Io.Engine.SessionCount == 0 && boards.Children.Count <= 3, "all but three are gone");
        Assert.Equal(3, boards.Children.Count);
        Assert.All(boards.Children, static child => Assert.True(child.Recovery!.HasLost));
    }
}
