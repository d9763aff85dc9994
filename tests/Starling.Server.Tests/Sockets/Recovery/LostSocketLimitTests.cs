using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets.Recovery;

public sealed class LostSocketLimitTests
{
    [Fact]
    public async Task Lost_sockets_are_limited_in_number_and_the_oldest_are_forgotten()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions { MaxLostSockets = 3 });
        var clients = new List<RecoveringClient>();
        for (var i = 0; i < 8; i++)
        {
            var client = await RecoveringClient.StartAsync(server);
            await server.Io.EmitAsync("offset");
            await Eventually.TrueAsync(() => client.Offset is not null, "the client has got an event, and with it an offset");
            clients.Add(client);
        }

        foreach (var client in clients)
        {
            var before = server.Io.Engine.SessionCount;
            await client.BreakAsync();
            await Eventually.TrueAsync(() => server.Io.Engine.SessionCount == before - 1, "the server has noticed");
        }

        var recovered = new List<bool>();
        foreach (var client in clients)
        {
            await client.JoinAsync(server);
            recovered.Add(client.Recovered);
        }

        Assert.Equal([false, false, false, false, false, true, true, true], recovered);
    }
}
