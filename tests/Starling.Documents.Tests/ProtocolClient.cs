using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Starling.Documents.Tests;

/// <summary>A client of ShareDB's protocol whose messages a test writes and reads by hand.</summary>
internal sealed class ProtocolClient(ClientWebSocket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public string Id { get; set; } = "";

    public static string Text(JsonElement element) => JsonSerializer.Serialize(element);

    public Task SendAsync(string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);

    /// <summary>Sends a request and returns what comes next.</summary>
    public async Task<JsonElement> AskAsync(string text)
    {
        await SendAsync(text);
        return await ReceiveAsync();
    }

    /// <summary>The next message, which must have the action.</summary>
    public async Task<JsonElement> ReceiveAsync(string action)
    {
        var message = await ReceiveAsync();
        Assert.True(message.GetProperty("a").GetString() == action, $"{action} was expected, not {message}");
        return message;
    }

    public async Task<JsonElement> ReceiveAsync() => JsonDocument.Parse(await ReceiveTextAsync()).RootElement;

    /// <summary>The next message as it is; "closed" and its code when the server has closed.</summary>
    public async Task<string> ReceiveTextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var bytes = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, limit.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return $"\"closed {(int?)socket.CloseStatus}\"";
            }

            bytes.AddRange(buffer.AsSpan(0, result.Count));
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString([.. bytes]);
            }
        }
    }

    public void Dispose() => socket.Dispose();
}
