using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Starling.Messaging.Tests.Connections;

/// <summary>A peer that writes bytes as a test wants them, well or badly formed.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawPeer(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<RawPeer> ConnectAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        return new RawPeer(client);
    }

    public Task SendAsync(string bytes) => SendAsync(Encoding.UTF8.GetBytes(bytes));

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes, TestContext.Current.CancellationToken);

    public Task SendFrameAsync(string json) => SendAsync($"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    /// <summary>Reads the next frame, or null at the end of the connection.</summary>
    public async Task<JsonElement?> ReadAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        var header = new StringBuilder();
        var one = new byte[1];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (!await ReadSomeAsync(one, limit.Token))
            {
                return null;
            }

            header.Append((char)one[0]);
        }

        var body = new byte[int.Parse(header.ToString().Split(' ', '\r')[1], System.Globalization.CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(body, limit.Token);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    public async Task<int?> ReadErrorCodeAsync() => (await ReadAsync())?.GetProperty("error").GetProperty("code").GetInt32();

    public void Dispose() => _client.Dispose();

    private async Task<bool> ReadSomeAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _stream.ReadAsync(buffer, cancellationToken) > 0;
        }
        catch (IOException e) when (e.InnerException is SocketException)
        {
            return false;
        }
    }
}
