using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

/// <summary>Packets for a namespace that one side has just left were sent before their sender knew of that.</summary>
public sealed class LatePacketTests
{
    [Theory]
    [InlineData("43/chat,0[1]")]
    [InlineData("42/chat,[\"say\"]")]
    [InlineData("42/chat,7[\"say\"]")]
    [InlineData("41/chat,")]
    public async Task Are_ignored_after_the_server_has_put_the_socket_out(string late)
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.Of("/chat").OnConnection(socket => { _ = AskAsync(socket); });
        server.Io.OnRequest("ping-me", _ => Task.FromResult(1));
        var client = await server.ConnectAsync();
        await client.SendAsync("40/chat,");
        Assert.StartsWith("40/chat,", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal("42/chat,0[\"question\"]", await client.ReceiveAsync());
        server.Io.Of("/chat").Sockets.Single().Disconnect();
        Assert.Equal("41/chat,", await client.ReceiveAsync());
        await client.SendAsync(late);
        await client.SendAsync("421[\"ping-me\"]");
        Assert.Equal("431[1]", await client.ReceiveAsync());

        // The namespace can be joined again.
        await client.SendAsync("40/chat,");
        Assert.StartsWith("40/chat,", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_ignored_after_the_client_has_left_and_end_the_connection_for_a_namespace_that_it_was_never_in()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.Of("/chat");
        server.Io.OnRequest("ping-me", _ => Task.FromResult(1));
        var client = await server.ConnectAsync();
        await client.SendAsync("40/chat,");
        Assert.StartsWith("40/chat,", await client.ReceiveAsync(), StringComparison.Ordinal);
        await client.SendAsync("41/chat,");
        await client.SendAsync("43/chat,0[1]");
        await client.SendAsync("421[\"ping-me\"]");
        Assert.Equal("431[1]", await client.ReceiveAsync());
        await client.SendAsync("42/never,[\"say\"]");
        Assert.StartsWith("closed", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    private static async Task AskAsync(Socket socket)
    {
        try
        {
            await socket.EmitWithAckAsync<int>("question");
        }
        catch (OperationCanceledException)
        {
            // It is put out before it answers.
        }
    }
}
