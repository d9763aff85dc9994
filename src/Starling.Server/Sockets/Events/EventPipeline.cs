using Starling.Server.Diagnostics;

namespace Starling.Server.Sockets.Events;

/// <summary>The way of an event past everybody who wants to see all events: traces, middleware, catch-all listeners, then its own listeners.</summary>
internal static class EventPipeline
{
    public static async ValueTask RunAsync(EventCall call, SocketHandlers shared, SocketHandlers? own)
    {
        var socket = call.Socket;
        var name = EventName.ToText(call.Array.Span);
        try
        {
            // Those who listen to traces are the application's code as well.
            using var activity = ServerTraces.StartEvent(name, socket.Namespace.Name, socket.Id);
            var arguments = new EventArguments(call.Array, startsWithName: true, call.Attachments, socket.Serializer);
            var received = new SocketEvent(socket, name, arguments, call.AckId);
            foreach (var middleware in own is null ? shared.Middleware : [.. shared.Middleware, .. own.Middleware])
            {
                await middleware(received, socket.Aborted);
            }

            foreach (var any in own is null ? shared.Any : [.. shared.Any, .. own.Any])
            {
                await any(received);
            }

            await EventDispatcher.InvokeListeners(call, shared.Events, own?.Events);
        }
        catch (Exception exception)
        {
            EventDispatcher.Report(socket, name, exception);
        }
    }
}
