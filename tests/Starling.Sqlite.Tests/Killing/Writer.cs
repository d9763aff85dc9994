using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Starling.Sqlite.Tests.Killing;

/// <summary>
/// A client that adds numbers to a document, one after the other, each of its own; what was not acknowledged when its server died it sends
/// again to the next one, as ShareDB's client does.
/// </summary>
internal sealed class Writer(int number, string document)
{
    private const int NumbersEach = 1_000_000;

    private readonly byte[] _buffer = new byte[4096];
    private string? _id;
    private long _sequence;
    private long _version;
    private bool _isWaiting;

    public string Document => document;

    /// <summary>What the server has acknowledged.</summary>
    public List<long> Acknowledged { get; } = [];

    private long Current => ((long)number * NumbersEach) + _sequence;

    /// <summary>Works until the connection breaks, or forever if it does not.</summary>
    public async Task RunAsync(Uri url, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(url, cancellationToken);
            await IntroduceAsync(socket, cancellationToken);
            while (true)
            {
                await SubmitAsync(socket, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or OperationCanceledException or IOException)
        {
            // The server was killed; that is the test.
        }
    }

    private async Task IntroduceAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        await SendAsync(socket, $$"""{"a":"hs","id":{{(_id is null ? "null" : $"\"{_id}\"")}},"protocol":1,"protocolMinor":2}""", cancellationToken);
        var shake = await ReceiveAsync(socket, "hs", cancellationToken);
        Assert.True(_id is null || _id == shake.GetProperty("id").GetString(), "The server did not know the id that it had issued.");
        _id = shake.GetProperty("id").GetString();
        if (_version == 0)
        {
            await SendAsync(socket, $$"""{"a":"f","c":"c","d":"{{document}}","v":null}""", cancellationToken);
            _version = (await ReceiveAsync(socket, "f", cancellationToken)).GetProperty("data").GetProperty("v").GetInt64();
        }
    }

    private async Task SubmitAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var source = "";
        if (_isWaiting)
        {
            source = $"\"src\":\"{_id}\",";
        }
        else
        {
            _sequence++;
        }

        _isWaiting = true;
        await SendAsync(
            socket, $$"""{"a":"op","c":"c","d":"{{document}}",{{source}}"v":{{_version}},"seq":{{_sequence}},"op":{{Current}}}""", cancellationToken);
        JsonElement message;
        do
        {
            message = await ReceiveAsync(socket, "op", cancellationToken);
            Assert.False(message.TryGetProperty("error", out var error), error.ToString());
        }
        while (message.GetProperty("src").GetString() != _id || message.GetProperty("seq").GetInt64() != _sequence);

        _version = message.GetProperty("v").GetInt64() + 1;
        Acknowledged.Add(Current);
        _isWaiting = false;
    }

    private static Task SendAsync(ClientWebSocket socket, string text, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    private async Task<JsonElement> ReceiveAsync(ClientWebSocket socket, string action, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
                length += result.Count;
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    throw new WebSocketException("closed");
                }
            }
            while (!result.EndOfMessage);

            using var message = JsonDocument.Parse(_buffer.AsMemory(0, length));
            if (message.RootElement.GetProperty("a").GetString() == action)
            {
                return message.RootElement.Clone();
            }
        }
    }
}
