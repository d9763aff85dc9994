using System.Net.WebSockets;
using System.Text;

namespace Starling.Cluster.Tests.Processes;

/// <summary>As much of a Socket.IO client as the tests need, by WebSocket.</summary>
internal sealed class SocketIOClient : IDisposable
{
    private readonly ClientWebSocket _socket = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<SocketIOClient> ConnectAsync(ClusterProcess process)
    {
        var client = new SocketIOClient();
        await client._socket.ConnectAsync(new Uri($"ws://127.0.0.1:{process.Address.Port}/socket.io/?EIO=4&transport=websocket"), Token);
        Assert.StartsWith("0{", await client.ReadAsync(), StringComparison.Ordinal);
        await client.SendAsync("40");
        Assert.StartsWith("40{", await client.ReadAsync(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>The next packet that is no heartbeat.</summary>
    public async Task<string> ReadAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(length), Token).AsTask().WaitAsync(TestNode.Patience, Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            var packet = Encoding.UTF8.GetString(buffer, 0, length);
            if (packet != "2")
            {
                return packet;
            }

            await SendAsync("3");
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task SendAsync(string packet) => await _socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, endOfMessage: true, Token);
}
