using System.Diagnostics.CodeAnalysis;
using Starling.Messaging.Calls;
using Starling.Messaging.Payloads;

namespace Starling.Messaging;

/// <summary>
/// The other side, to be called. Calls are made at once, without waiting for the answers to earlier ones, and begin there in the order in
/// which they were made. All members may be used by many threads at a time.
/// </summary>
public abstract class RpcPeer
{
    private protected RpcPeer()
    {
    }

    internal abstract MessagingContext Context { get; }

    /// <summary>Implements an interface by calls to the peer.</summary>
    /// <typeparam name="TService">
    /// The interface: methods that return <see cref="Task"/>, <see cref="ValueTask"/> or <see cref="IAsyncEnumerable{T}"/>; <c>void</c>
    /// makes a notification. A <see cref="CancellationToken"/> cancels at the peer, an <see cref="IProgress{T}"/> hears from it.
    /// </typeparam>
    /// <param name="timeout">Longest wait of each call; without it <see cref="MessagingOptions.CallTimeout"/>.</param>
    /// <exception cref="ArgumentException">The interface cannot be called remotely.</exception>
    /// <remarks>
    /// Calls throw <see cref="RpcException"/> when the peer answers with an error, <see cref="TimeoutException"/>, or
    /// <see cref="ConnectionLostException"/>.
    /// </remarks>
    public TService GetService<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TService>(TimeSpan? timeout = null)
        where TService : class =>
        Context.Proxies.Create<TService>(this, TimeoutOf(timeout));

    /// <summary>Calls a method and waits for its result.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="method">Name of the method.</param>
    /// <param name="arguments">Its arguments, by position.</param>
    /// <param name="timeout">Longest wait; without it <see cref="MessagingOptions.CallTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait, and asks the peer to stop.</param>
    /// <exception cref="RpcException">The peer answered with an error.</exception>
    /// <exception cref="TimeoutException">No answer came in time; the peer was asked to stop.</exception>
    /// <exception cref="ConnectionLostException">The connection ended before.</exception>
    public Task<TResult> InvokeAsync<TResult>(
        string method, object?[] arguments, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var (target, codec) = Loose<TResult>(method, arguments);
        return CallCoreAsync(target, arguments, codec, TimeoutOf(timeout), cancellationToken);
    }

    /// <summary>Calls a method and waits until it is done.</summary>
    /// <param name="method">Name of the method.</param>
    /// <param name="arguments">Its arguments, by position.</param>
    /// <param name="timeout">Longest wait; without it <see cref="MessagingOptions.CallTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait, and asks the peer to stop.</param>
    /// <inheritdoc cref="InvokeAsync{TResult}" path="/exception"/>
    public Task InvokeAsync(string method, object?[] arguments, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        InvokeAsync<Nothing>(method, arguments, timeout, cancellationToken);

    /// <summary>Calls a method that takes its parameters by name.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="method">Name of the method.</param>
    /// <param name="parameters">An object whose members are the parameters.</param>
    /// <param name="timeout">Longest wait; without it <see cref="MessagingOptions.CallTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait, and asks the peer to stop.</param>
    /// <inheritdoc cref="InvokeAsync{TResult}" path="/exception"/>
    public Task<TResult> InvokeWithObjectAsync<TResult>(
        string method, object parameters, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(parameters);
        var target = new ObjectMethod(method, Context.Serializer);
        return CallCoreAsync(target, parameters, Context.Serializer.Of<TResult>(), TimeoutOf(timeout), cancellationToken);
    }

    /// <summary>Calls a method that returns a sequence. The call is made when the sequence is read; values come as they are read.</summary>
    /// <typeparam name="TValue">Type of the values.</typeparam>
    /// <param name="method">Name of the method.</param>
    /// <param name="arguments">Its arguments, by position.</param>
    /// <param name="cancellationToken">Ends the sequence, also at the peer.</param>
    public IAsyncEnumerable<TValue> StreamAsync<TValue>(string method, object?[] arguments, CancellationToken cancellationToken = default)
    {
        var (target, codec) = Loose<IAsyncEnumerable<TValue>>(method, arguments);
        return new CalledSequence<TValue>(this, target, arguments, codec, TimeoutOf(null), cancellationToken);
    }

    /// <summary>Sends a notification: no answer is awaited, and none tells whether it was understood.</summary>
    /// <param name="method">Name of the method.</param>
    /// <param name="arguments">Its arguments, by position.</param>
    /// <param name="cancellationToken">Ends the wait for room in the queue.</param>
    /// <exception cref="ConnectionLostException">The connection has ended.</exception>
    public ValueTask NotifyAsync(string method, object?[] arguments, CancellationToken cancellationToken = default) =>
        NotifyCoreAsync(Loose<Nothing>(method, arguments).Method, arguments, cancellationToken);

    internal abstract Task<T> CallCoreAsync<T>(
        OutgoingMethod method, object? arguments, Codec<T> codec, TimeSpan timeout, CancellationToken cancellationToken);

    internal abstract ValueTask NotifyCoreAsync(OutgoingMethod method, object? arguments, CancellationToken cancellationToken);

    private (OutgoingMethod Method, Codec<T> Codec) Loose<T>(string method, object?[] arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(arguments);
        return (new LooseMethod(method, Context.Serializer), Context.Serializer.Of<T>());
    }

    private TimeSpan TimeoutOf(TimeSpan? timeout)
    {
        if (timeout is not { } given)
        {
            return Context.Options.CallTimeout;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(timeout));
        return given;
    }
}
