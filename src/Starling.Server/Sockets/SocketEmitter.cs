using Starling.Protocol.SocketIo;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets;

/// <summary>Sends to one client with other settings than usual. Immutable.</summary>
public sealed class SocketEmitter : IEmitter
{
    private readonly Socket _socket;
    private readonly bool _isVolatile;
    private readonly TimeSpan? _timeout;

    internal SocketEmitter(Socket socket, bool isVolatile, TimeSpan? timeout)
    {
        _socket = socket;
        _isVolatile = isVolatile;
        _timeout = timeout;
    }

    ValueTask IEmitter.EmitAsync<TArguments>(string name, TArguments arguments, CancellationToken cancellationToken) =>
        _socket.EmitAsync(name, arguments, _isVolatile, cancellationToken);

    /// <summary>Sends an event and awaits its acknowledgement.</summary>
    /// <typeparam name="TResult">What the client answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="TimeoutException">The client has not answered in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended, or the socket has disconnected.</exception>
    public Task<TResult?> EmitWithAckAsync<TResult>(string name, CancellationToken cancellationToken = default) =>
        WithAckAsync<TResult, Arguments>(name, default, cancellationToken);

    /// <summary>Sends an event with an argument and awaits its acknowledgement.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <typeparam name="TResult">What the client answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="TimeoutException">The client has not answered in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended, or the socket has disconnected.</exception>
    public Task<TResult?> EmitWithAckAsync<T, TResult>(string name, T argument, CancellationToken cancellationToken = default) =>
        WithAckAsync<TResult, Arguments<T>>(name, new(argument), cancellationToken);

    /// <summary>Sends an event with two arguments and awaits its acknowledgement.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <typeparam name="TResult">What the client answers with; <see cref="EventArguments"/> for all that it answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="TimeoutException">The client has not answered in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended, or the socket has disconnected.</exception>
    public Task<TResult?> EmitWithAckAsync<T1, T2, TResult>(
        string name, T1 first, T2 second, CancellationToken cancellationToken = default) =>
        WithAckAsync<TResult, Arguments<T1, T2>>(name, new(first, second), cancellationToken);

    /// <summary>Sends an event with three arguments and awaits its acknowledgement.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <typeparam name="T3">Type of the third argument.</typeparam>
    /// <typeparam name="TResult">What the client answers with; <see cref="EventArguments"/> for all that it answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <param name="third">The third argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="TimeoutException">The client has not answered in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended, or the socket has disconnected.</exception>
    public Task<TResult?> EmitWithAckAsync<T1, T2, T3, TResult>(
        string name, T1 first, T2 second, T3 third, CancellationToken cancellationToken = default) =>
        WithAckAsync<TResult, Arguments<T1, T2, T3>>(name, new(first, second, third), cancellationToken);

    private async Task<TResult?> WithAckAsync<TResult, TArguments>(string name, TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        Namespace.CheckEventName(name);
        var ackId = _socket.Namespace.NextAckId();
        var waiting = new PendingAcknowledgement(_socket.Namespace.Server.Engine.Wheel);
        _socket.Acknowledgements.Add(ackId, waiting);
        try
        {
            if (!_socket.Connected)
            {
                throw new OperationCanceledException("The socket has disconnected.");
            }

            await _socket.Send(PacketType.Event, name, arguments, ackId, _isVolatile, cancellationToken);
            var answer = await waiting.WaitAsync(_timeout, cancellationToken);
            return answer.As<TResult>();
        }
        finally
        {
            _socket.Acknowledgements.TryTake(ackId, out _);
        }
    }
}
