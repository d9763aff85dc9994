using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets;

/// <summary>
/// Sends events. Arguments are serialised before a call returns and may be changed afterwards. The task completes when the event is queued
/// for every receiver on this node and handed to the backplane; a client that is gone is not an error.
/// </summary>
public static class EmitExtensions
{
    /// <summary>Sends an event without arguments.</summary>
    /// <param name="target">Who gets it.</param>
    /// <param name="name">Name of the event.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client, where the server's policy is to wait; not the sending.</param>
    /// <returns>Completes when the event is queued.</returns>
    /// <exception cref="ArgumentException">The name is reserved by the protocol.</exception>
    public static ValueTask EmitAsync(this IEmitter target, string name, CancellationToken cancellationToken = default) =>
        Check(target).EmitAsync(name, default(Arguments), cancellationToken);

    /// <summary>Sends an event with one argument.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <param name="target">Who gets it.</param>
    /// <param name="name">Name of the event.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client, where the server's policy is to wait; not the sending.</param>
    /// <returns>Completes when the event is queued.</returns>
    /// <exception cref="ArgumentException">The name is reserved by the protocol.</exception>
    /// <exception cref="NotSupportedException">The type cannot be serialised.</exception>
    public static ValueTask EmitAsync<T>(this IEmitter target, string name, T argument, CancellationToken cancellationToken = default) =>
        Check(target).EmitAsync(name, new Arguments<T>(argument), cancellationToken);

    /// <summary>Sends an event with two arguments.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <param name="target">Who gets it.</param>
    /// <param name="name">Name of the event.</param>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client, where the server's policy is to wait; not the sending.</param>
    /// <returns>Completes when the event is queued.</returns>
    /// <exception cref="ArgumentException">The name is reserved by the protocol.</exception>
    /// <exception cref="NotSupportedException">A type cannot be serialised.</exception>
    public static ValueTask EmitAsync<T1, T2>(
        this IEmitter target, string name, T1 first, T2 second, CancellationToken cancellationToken = default) =>
        Check(target).EmitAsync(name, new Arguments<T1, T2>(first, second), cancellationToken);

    /// <summary>Sends an event with three arguments.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <typeparam name="T3">Type of the third argument.</typeparam>
    /// <param name="target">Who gets it.</param>
    /// <param name="name">Name of the event.</param>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <param name="third">The third argument.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client, where the server's policy is to wait; not the sending.</param>
    /// <returns>Completes when the event is queued.</returns>
    /// <exception cref="ArgumentException">The name is reserved by the protocol.</exception>
    /// <exception cref="NotSupportedException">A type cannot be serialised.</exception>
    public static ValueTask EmitAsync<T1, T2, T3>(
        this IEmitter target, string name, T1 first, T2 second, T3 third, CancellationToken cancellationToken = default) =>
        Check(target).EmitAsync(name, new Arguments<T1, T2, T3>(first, second, third), cancellationToken);

    /// <summary>Passes on arguments that were received, as they are.</summary>
    /// <param name="target">Who gets the event.</param>
    /// <param name="name">Name of the event.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client, where the server's policy is to wait; not the sending.</param>
    /// <returns>Completes when the event is queued.</returns>
    /// <exception cref="ArgumentException">The name is reserved by the protocol.</exception>
    public static ValueTask EmitAsync(
        this IEmitter target, string name, EventArguments arguments, CancellationToken cancellationToken = default) =>
        Check(target).EmitAsync(name, new RelayedArguments(arguments), cancellationToken);

    private static IEmitter Check(IEmitter target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target;
    }
}
