using Starling.Server.Sockets;
using Starling.Server.Tests.Transports.WebSockets;

namespace Starling.Server.Tests.Transports.Detaching;

/// <summary>An answer leaves behind what its request sent to others, on every transport.</summary>
public sealed class OrderTests
{
    private const string WebSocket = "/socket.io/?EIO=4&transport=websocket";

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_a_request_sends_to_others_is_there_before_its_answer(bool lean, bool later)
    {
        await using var server = await RunningServer.StartAsync(lean: lean);
        server.Io.OnRequest<int, int>("tell", async (socket, number) =>
        {
            if (later)
            {
                await Task.Yield();
            }

            await socket.Broadcast.EmitAsync("told", number);
            return number;
        });
        using var other = await JoinAsync(server);
        using var asking = await JoinAsync(server);
        var unordered = 0;
        for (var i = 0; i < 200; i++)
        {
            await asking.SendAsync(WireClient.Text($"42{i}[\"tell\",{i}]"));
            Assert.Equal($"43{i}[{i}]", await asking.ReadTextAsync());

            // On one machine, what the server has handed to the system can be read at once.
            unordered += other.HasInput ? 0 : 1;
            Assert.Equal($"42[\"told\",{i}]", await other.ReadTextAsync());
        }

        // Kestrel's own transport sends from another thread, and so has no strict order either.
        Assert.InRange(unordered, 0, lean ? 0 : 40);
    }

    private static async Task<WireClient> JoinAsync(RunningServer server)
    {
        var client = await WireClient.UpgradeAsync(server.Url, WebSocket);
        Assert.StartsWith("0{", await client.ReadTextAsync(), StringComparison.Ordinal);
        await client.SendAsync(WireClient.Text("40"));
        Assert.StartsWith("40{", await client.ReadTextAsync(), StringComparison.Ordinal);
        return client;
    }
}
