using System.Net.WebSockets;
using System.Text;

namespace Starling.LoadGenerator.Documents;

/// <summary>Creates the documents before anybody writes them.</summary>
internal static class DocumentSeed
{
    /// <summary>Characters of a new document. A writer inserts one before it deletes one, so there are never fewer.</summary>
    public const int Length = 1000;

    public static async Task CreateAsync(int port, int documents, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}{DocumentsWorkload.EndpointPath}"), cancellationToken);
        await ReceiveAsync(socket, cancellationToken);
        await SendAsync(socket, DocumentsWorkload.Hello, cancellationToken);
        await ReceiveAsync(socket, cancellationToken);
        var text = new string('-', Length);
        for (var i = 0; i < documents; i++)
        {
            await SendAsync(
                socket,
                $$$"""{"a":"op","c":"docs","d":"d{{{i}}}","v":0,"seq":{{{i + 1}}},"x":{},"create":{"type":"http://sharejs.org/types/rich-text/v1","data":[{"insert":"{{{text}}}"}]}}""",
                cancellationToken);
            var answer = await ReceiveAsync(socket, cancellationToken);
            if (answer.Contains("\"error\"", StringComparison.Ordinal))
            {
                throw new LoadException("A document could not be created: " + answer);
            }
        }
    }

    private static Task SendAsync(ClientWebSocket socket, string text, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    private static async Task<string> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var received = await socket.ReceiveAsync(buffer, cancellationToken);
        return received.EndOfMessage && received.MessageType == WebSocketMessageType.Text
            ? Encoding.UTF8.GetString(buffer, 0, received.Count)
            : throw new LoadException("The server did not answer as a document server.");
    }
}
