using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Starling.Worker;

namespace Starling.Apps.Watcher.Visiting;

/// <summary>
/// The WebSocket of a visitor: moves come in, one message tells which process takes them. A message that is none closes it, with the reason; so does a
/// page that sends more messages than any page would. When the worker drains, pages are told to come back, which leads them to another worker.
/// </summary>
internal sealed class VisitorEndpoint(VisitorTable visitors, IStarlingWorker worker, TimeProvider time)
{
    public const string Path = "/watcher/moves";

    private const int MaxMessagesPerSecond = 250;
    private const int IdLength = 32;

    /// <summary>RFC 6455's registry: the server restarts, come back.</summary>
    private const WebSocketCloseStatus ServiceRestart = (WebSocketCloseStatus)1012;
    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "This address is for WebSockets.");
            return;
        }

        if (!IsOwnPage(context.Request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Only pages of this server may connect.");
            return;
        }

        var id = context.Request.Query["visitor"].ToString();
        if (id.Length != IdLength || !id.All(char.IsAsciiHexDigitLower))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The parameter 'visitor' has to be {IdLength} hexadecimal digits.");
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        if (visitors.Add(id) is not { } visitor)
        {
            await CloseAsync(socket, TryAgainLater, "This worker has as many visitors as it may; try again.");
            return;
        }

        try
        {
            await RunAsync(socket, visitor, context.RequestAborted);
        }
        finally
        {
            visitors.Remove(visitor);
        }
    }

    private async Task RunAsync(WebSocket socket, Visitor visitor, CancellationToken aborted)
    {
        try
        {
            // Cancelling a receive would abort the socket; closing our side lets the page answer, which ends the loop.
            await using var draining = worker.Draining.UnsafeRegister(
                _ => _ = CloseOutputAsync(socket, ServiceRestart, "This worker is replaced; come back."), null);
            await socket.SendAsync(Encoding.UTF8.GetBytes($"{{\"process\":{Environment.ProcessId}}}"), WebSocketMessageType.Text, true, aborted);
            var (status, reason) = await ReceiveAsync(socket, visitor, aborted);
            await CloseAsync(socket, status, reason);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // The page is gone.
        }
    }

    /// <summary>Takes moves until the page leaves or breaks a rule.</summary>
    private async Task<(WebSocketCloseStatus Status, string Reason)> ReceiveAsync(WebSocket socket, Visitor visitor, CancellationToken aborted)
    {
        var buffer = new byte[MoveMessage.MaxBytes + 1];
        Action<Position> onMove = visitor.Move;
        var (length, count, second) = (0, 0, time.GetTimestamp());
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), aborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return (WebSocketCloseStatus.NormalClosure, "");
            }

            if (received.MessageType == WebSocketMessageType.Text)
            {
                return (WebSocketCloseStatus.InvalidMessageType, "Moves are binary messages.");
            }

            length += received.Count;
            if (length > MoveMessage.MaxBytes)
            {
                return (WebSocketCloseStatus.MessageTooBig, $"A message has at most {MoveMessage.MaxMoves} moves.");
            }

            if (!received.EndOfMessage)
            {
                continue;
            }

            if (!MoveMessage.TryRead(buffer.AsSpan(0, length), onMove))
            {
                return (WebSocketCloseStatus.InvalidPayloadData, "A message is moves of four bytes each.");
            }

            length = 0;
            if (time.GetElapsedTime(second) >= TimeSpan.FromSeconds(1))
            {
                (count, second) = (0, time.GetTimestamp());
            }

            if (++count > MaxMessagesPerSecond)
            {
                return (WebSocketCloseStatus.PolicyViolation, $"A page sends at most {MaxMessagesPerSecond} messages in a second.");
            }
        }
    }

    private static bool IsOwnPage(HttpRequest request) =>
        request.Headers.Origin is not [{ } origin] || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value);

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }

    private static async Task CloseOutputAsync(WebSocket socket, WebSocketCloseStatus status, string reason)
    {
        try
        {
            if (socket.State is WebSocketState.Open)
            {
                await socket.CloseOutputAsync(status, reason, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or IOException)
        {
            // It went by itself meanwhile.
        }
    }

    private static async Task CloseAsync(WebSocket socket, WebSocketCloseStatus status, string reason)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return;
        }

        using var limit = new CancellationTokenSource(CloseTimeout);
        try
        {
            await socket.CloseAsync(status, reason, limit.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // It went without an answer.
        }
    }
}
