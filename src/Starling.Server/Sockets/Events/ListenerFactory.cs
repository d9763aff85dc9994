namespace Starling.Server.Sockets.Events;

/// <summary>
/// Makes listeners from handlers with typed parameters: reads the arguments from the packet, runs the handler, and sends the result of a
/// request as its acknowledgement.
/// </summary>
internal static class ListenerFactory
{
    public static EventListener For(Func<Socket, Task> handler) => (in call) => handler(call.Socket);

    public static EventListener For<T>(Func<Socket, T?, Task> handler) => (in call) =>
    {
        var arguments = call.Arguments();
        return handler(call.Socket, arguments.Read<T>());
    };

    public static EventListener For<T1, T2>(Func<Socket, T1?, T2?, Task> handler) => (in call) =>
    {
        var arguments = call.Arguments();
        return handler(call.Socket, arguments.Read<T1>(), arguments.Read<T2>());
    };

    public static EventListener For<T1, T2, T3>(Func<Socket, T1?, T2?, T3?, Task> handler) => (in call) =>
    {
        var arguments = call.Arguments();
        return handler(call.Socket, arguments.Read<T1>(), arguments.Read<T2>(), arguments.Read<T3>());
    };

    public static EventListener ForEvent(Func<Socket, SocketEvent, Task> handler) => (in call) =>
    {
        // The handler may keep the event beyond the life of the buffer that it lies in.
        var arguments = new EventArguments(call.Array.ToArray(), startsWithName: true, call.Attachments, call.Socket.Serializer);
        return handler(call.Socket, new SocketEvent(call.Socket, EventName.ToText(call.Array.Span), arguments, call.AckId));
    };

    public static EventListener ForRequest<TResult>(Func<Socket, Task<TResult>> handler) =>
        (in call) => AnswerAsync(call, handler(call.Socket));

    public static EventListener ForRequest<T, TResult>(Func<Socket, T?, Task<TResult>> handler) => (in call) =>
    {
        var arguments = call.Arguments();
        return AnswerAsync(call, handler(call.Socket, arguments.Read<T>()));
    };

    public static EventListener ForRequest<T1, T2, TResult>(Func<Socket, T1?, T2?, Task<TResult>> handler) => (in call) =>
    {
        var arguments = call.Arguments();
        return AnswerAsync(call, handler(call.Socket, arguments.Read<T1>(), arguments.Read<T2>()));
    };

    public static EventListener ForRequest<T1, T2, T3, TResult>(Func<Socket, T1?, T2?, T3?, Task<TResult>> handler) => (in call) =>
    {
        var arguments = call.Arguments();
        return AnswerAsync(call, handler(call.Socket, arguments.Read<T1>(), arguments.Read<T2>(), arguments.Read<T3>()));
    };

    private static Task AnswerAsync<TResult>(in EventCall call, Task<TResult> result)
    {
        if (call.AckId < 0)
        {
            return result;
        }

        if (!result.IsCompletedSuccessfully)
        {
            return AnswerLaterAsync(call.Socket, call.AckId, result);
        }

        var sending = call.Socket.SendAckAsync(call.AckId, new Payloads.Arguments<TResult>(result.Result));
        return sending.IsCompletedSuccessfully ? Task.CompletedTask : sending.AsTask();
    }

    private static async Task AnswerLaterAsync<TResult>(Socket socket, long ackId, Task<TResult> result) =>
        await socket.SendAckAsync(ackId, new Payloads.Arguments<TResult>(await result));
}
