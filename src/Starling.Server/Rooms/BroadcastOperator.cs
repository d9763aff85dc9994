using Starling.Server.Sockets;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Rooms;

/// <summary>
/// A choice of sockets of one namespace, on all nodes, to send to or to act on. Immutable: every method returns a new choice, so that one
/// may be kept and used from any thread.
/// </summary>
/// <example><code>await io.To("news").Except("muted").EmitAsync("headline", text);</code></example>
public sealed class BroadcastOperator : IEmitter
{
    private readonly IBroadcastDomain _domain;
    private readonly BroadcastTarget _target;
    private readonly BroadcastFlags _flags;
    private readonly TimeSpan? _timeout;

    internal BroadcastOperator(
        IBroadcastDomain domain, BroadcastTarget target, BroadcastFlags flags = BroadcastFlags.None, TimeSpan? timeout = null)
    {
        _domain = domain;
        _target = target;
        _flags = flags;
        _timeout = timeout;
    }

    /// <summary>The same sockets, but only those of this node.</summary>
    public BroadcastOperator Local => With(_flags | BroadcastFlags.Local);

    /// <summary>The same sockets; those whose clients are not ready to take an event do not get it.</summary>
    public BroadcastOperator Volatile => With(_flags | BroadcastFlags.Volatile);

    /// <summary>Adds the sockets in a room; without any room, all sockets of the namespace are meant.</summary>
    /// <param name="rooms">Names of rooms; a socket's id names the room that it is alone in. A socket in several gets an event once.</param>
    /// <returns>A new choice.</returns>
    public BroadcastOperator To(params ReadOnlySpan<string> rooms) => new(_domain, _target.WithRooms(rooms), _flags, _timeout);

    /// <summary>The same as <see cref="To"/>.</summary>
    /// <param name="rooms">Names of rooms.</param>
    /// <returns>A new choice.</returns>
    public BroadcastOperator In(params ReadOnlySpan<string> rooms) => To(rooms);

    /// <summary>Leaves out the sockets in a room.</summary>
    /// <param name="rooms">Names of rooms.</param>
    /// <returns>A new choice.</returns>
    public BroadcastOperator Except(params ReadOnlySpan<string> rooms) => new(_domain, _target.WithExcept(rooms), _flags, _timeout);

    /// <summary>Sets whether events may be compressed.</summary>
    /// <param name="compress">False to send as they are.</param>
    /// <returns>A new choice.</returns>
    public BroadcastOperator Compress(bool compress) =>
        With(compress ? _flags & ~BroadcastFlags.Uncompressed : _flags | BroadcastFlags.Uncompressed);

    /// <summary>Sets how long acknowledgements are awaited.</summary>
    /// <param name="timeout">More than zero.</param>
    /// <returns>A new choice.</returns>
    public BroadcastOperator Timeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        return new(_domain, _target, _flags, timeout);
    }

    ValueTask IEmitter.EmitAsync<TArguments>(string name, TArguments arguments, CancellationToken cancellationToken) =>
        _domain.BroadcastAsync(name, arguments, _target, _flags, cancellationToken);

    /// <summary>Sends an event and awaits an acknowledgement of every socket.</summary>
    /// <typeparam name="TResult">What the clients answer with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answers, in no particular order.</returns>
    /// <exception cref="AcknowledgementTimeoutException{TResult}">Not all have answered in time; holds the answers that came.</exception>
    public Task<IReadOnlyList<TResult?>> EmitWithAckAsync<TResult>(string name, CancellationToken cancellationToken = default) =>
        WithAckAsync<TResult, Arguments>(name, default, cancellationToken);

    /// <summary>Sends an event with an argument and awaits an acknowledgement of every socket.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <typeparam name="TResult">What the clients answer with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answers, in no particular order.</returns>
    /// <exception cref="AcknowledgementTimeoutException{TResult}">Not all have answered in time; holds the answers that came.</exception>
    public Task<IReadOnlyList<TResult?>> EmitWithAckAsync<T, TResult>(string name, T argument, CancellationToken cancellationToken = default) =>
        WithAckAsync<TResult, Arguments<T>>(name, new(argument), cancellationToken);

    /// <summary>Sends an event with two arguments and awaits an acknowledgement of every socket.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <typeparam name="TResult">What the clients answer with; <see cref="EventArguments"/> for all that each answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answers, in no particular order.</returns>
    /// <exception cref="AcknowledgementTimeoutException{TResult}">Not all have answered in time; holds the answers that came.</exception>
    public Task<IReadOnlyList<TResult?>> EmitWithAckAsync<T1, T2, TResult>(
        string name, T1 first, T2 second, CancellationToken cancellationToken = default) =>
        WithAckAsync<TResult, Arguments<T1, T2>>(name, new(first, second), cancellationToken);

    /// <summary>Sends an event with three arguments and awaits an acknowledgement of every socket.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <typeparam name="T3">Type of the third argument.</typeparam>
    /// <typeparam name="TResult">What the clients answer with; <see cref="EventArguments"/> for all that each answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <param name="third">The third argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answers, in no particular order.</returns>
    /// <exception cref="AcknowledgementTimeoutException{TResult}">Not all have answered in time; holds the answers that came.</exception>
    public Task<IReadOnlyList<TResult?>> EmitWithAckAsync<T1, T2, T3, TResult>(
        string name, T1 first, T2 second, T3 third, CancellationToken cancellationToken = default) =>
        WithAckAsync<TResult, Arguments<T1, T2, T3>>(name, new(first, second, third), cancellationToken);

    /// <summary>Describes the chosen sockets of all nodes.</summary>
    /// <param name="cancellationToken">Ends the wait for other nodes.</param>
    /// <returns>One description a socket.</returns>
    /// <exception cref="TimeoutException">Not all nodes have answered within <see cref="Timeout"/>, or 5 s.</exception>
    public Task<IReadOnlyList<RemoteSocket>> FetchSocketsAsync(CancellationToken cancellationToken = default) =>
        _domain.FetchSocketsAsync(_target, _flags, _timeout, cancellationToken);

    /// <summary>Makes the chosen sockets join rooms.</summary>
    /// <param name="rooms">Names of rooms.</param>
    /// <returns>Completes when this node's sockets have joined and the other nodes are told.</returns>
    public ValueTask SocketsJoinAsync(params string[] rooms) => _domain.JoinAsync(_target, _flags, rooms);

    /// <summary>Makes the chosen sockets leave rooms.</summary>
    /// <param name="rooms">Names of rooms.</param>
    /// <returns>Completes when this node's sockets have left and the other nodes are told.</returns>
    public ValueTask SocketsLeaveAsync(params string[] rooms) => _domain.LeaveAsync(_target, _flags, rooms);

    /// <summary>Disconnects the chosen sockets.</summary>
    /// <param name="close">Whether to close their connections, and so their sockets in other namespaces.</param>
    /// <returns>Completes when this node's sockets are disconnected and the other nodes are told.</returns>
    public ValueTask DisconnectSocketsAsync(bool close = false) => _domain.DisconnectAsync(_target, _flags, close);

    private async Task<IReadOnlyList<TResult?>> WithAckAsync<TResult, TArguments>(
        string name, TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        var (answers, missing) = await _domain.BroadcastWithAckAsync(name, arguments, _target, _flags, _timeout, cancellationToken);
        var results = answers.ConvertAll(static answer => answer.As<TResult>());
        return missing == 0 ? results : throw new AcknowledgementTimeoutException<TResult>(results, missing);
    }

    private BroadcastOperator With(BroadcastFlags flags) => new(_domain, _target, flags, _timeout);
}
