using Starling.Server.Sockets;

namespace Starling.Worker.TestApp;

/// <summary>Numbers for all clients of all workers, in the order in which this one sent them, and answers to what clients send.</summary>
internal static class TickEndpoints
{
    private static readonly string Source = Guid.NewGuid().ToString("N");

    public static void MapTicks(this WebApplication app, SocketIOServer server)
    {
        var turn = new SemaphoreSlim(1, 1);
        var sequence = 0;
        server.OnRequest<string, string>("join", static (socket, room) =>
        {
            socket.Join(room!);
            return Task.FromResult(room!);
        });
        server.OnRequest<int, int>("echo", static (_, number) => Task.FromResult(number));
        app.MapPost("/tick", async (int number) =>
        {
            await turn.WaitAsync();
            try
            {
                await server.Main.To("numbers").EmitAsync("tick", Source, ++sequence, number);
            }
            finally
            {
                turn.Release();
            }
        });
    }
}
