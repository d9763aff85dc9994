using System.Collections.Concurrent;
using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Worker.TestApp;

/// <summary>What tests of clusters ask of a process: to broadcast, to publish numbered messages, and what it got of the others'.</summary>
internal static class ClusterEndpoints
{
    private const string Topic = "numbers";
    private const int Pause = 64 * 1024;

    public static void MapCluster(this WebApplication app, SocketIOServer server)
    {
        var backplane = app.Services.GetRequiredService<IBackplane>();
        var counts = new ConcurrentDictionary<string, NumberCount>();
        backplane.SubscribeAsync(Topic, ReceiveAsync, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        app.MapGet("/node", () => backplane.NodeId);
        app.MapGet("/peers", async (CancellationToken stop) => (await backplane.CountOthersAsync(Topic, stop)).ToString());
        app.MapGet("/sockets", async (CancellationToken stop) => (await server.Main.FetchSocketsAsync(stop)).Count.ToString());
        app.MapPost("/emit/{text}", async (string text) => await server.Main.EmitAsync("news", text));
        app.MapGet("/numbers", () => counts);
        app.MapPost("/numbers", PublishAsync);

        ValueTask ReceiveAsync(BackplaneMessage message)
        {
            var number = BitConverter.ToInt32(((DataMessage)message).Data.Span);
            counts.AddOrUpdate(message.Sender, static (_, first) => new NumberCount(1, first, 0), static (_, count, next) => count.With(next), number);
            return ValueTask.CompletedTask;
        }

        async Task PublishAsync(int from, int count, int bytes)
        {
            var sent = 0;
            for (var i = from; i < from + count; i++)
            {
                var data = new byte[bytes];
                BitConverter.TryWriteBytes(data, i);
                await backplane.PublishAsync(new DataMessage(Topic, data), CancellationToken.None);
                if ((sent += bytes) > Pause)
                {
                    sent = 0;
                    await Task.Delay(1);
                }
            }
        }
    }
}
