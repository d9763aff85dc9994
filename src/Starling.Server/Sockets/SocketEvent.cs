using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets;

/// <summary>An event that a client sent, for handlers that take it as it is.</summary>
public sealed class SocketEvent
{
    private readonly long _ackId;
    private int _answered;

    internal SocketEvent(Socket socket, string name, EventArguments arguments, long ackId)
    {
        Socket = socket;
        Name = name;
        Arguments = arguments;
        _ackId = ackId;
    }

    /// <summary>The socket that sent it.</summary>
    public Socket Socket { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its arguments.</summary>
    public EventArguments Arguments { get; }

    /// <summary>Whether the client waits for an acknowledgement.</summary>
    public bool HasAck => _ackId >= 0;

    /// <summary>Acknowledges without arguments. Does nothing when the client does not wait or was answered before.</summary>
    /// <returns>Completes when the answer is queued.</returns>
    public ValueTask AckAsync() => AnswerAsync(default(Arguments));

    /// <summary>Acknowledges with one argument.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <param name="argument">The argument.</param>
    /// <returns>Completes when the answer is queued.</returns>
    public ValueTask AckAsync<T>(T argument) => AnswerAsync(new Arguments<T>(argument));

    /// <summary>Acknowledges with two arguments.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <returns>Completes when the answer is queued.</returns>
    public ValueTask AckAsync<T1, T2>(T1 first, T2 second) => AnswerAsync(new Arguments<T1, T2>(first, second));

    /// <summary>Acknowledges with arguments that were received, as they are.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <returns>Completes when the answer is queued.</returns>
    public ValueTask AckAsync(EventArguments arguments) => AnswerAsync(new RelayedArguments(arguments));

    private ValueTask AnswerAsync<TArguments>(TArguments arguments)
        where TArguments : struct, IArguments =>
        HasAck && Interlocked.Exchange(ref _answered, 1) == 0 ? Socket.SendAckAsync(_ackId, arguments) : ValueTask.CompletedTask;
}
