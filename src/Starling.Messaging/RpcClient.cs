using System.Net.Sockets;
using System.Security.Authentication;
using Starling.Messaging.Calls;
using Starling.Messaging.Connections;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Links;
using Starling.Messaging.Payloads;

namespace Starling.Messaging;

/// <summary>
/// A service at an address. When the connection is lost it is made again, with growing pauses, and the client says anew who it is. Calls
/// under way then fail with <see cref="ConnectionLostException"/>; new ones wait, within their time-outs, until there is a connection.
/// </summary>
public sealed class RpcClient : RpcPeer, IAsyncDisposable
{
    private readonly LinkAddress _address;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly BackOff _backOff;
    private TaskCompletionSource<RpcConnection> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile RpcConnection? _current;
    private Task _running = Task.CompletedTask;
    private long _connectedAt;

    private RpcClient(LinkAddress address, MessagingContext context)
    {
        _address = address;
        Context = context;
        _backOff = new BackOff(context.Options, Random.Shared.NextDouble);
    }

    /// <summary>A connection is there and the client is registered. Handlers must not block.</summary>
    public event Action<RpcConnection>? Connected;

    /// <summary>A connection has ended; <see cref="RpcConnection.EndReason"/> says why. Handlers must not block.</summary>
    public event Action<RpcConnection>? Disconnected;

    /// <summary>The connection, or null while there is none.</summary>
    public RpcConnection? Connection => _current;

    internal override MessagingContext Context { get; }

    /// <summary>Connects, and returns when the connection is there. A server that is not there yet is waited for.</summary>
    /// <param name="address">See <see cref="LinkAddress"/>.</param>
    /// <param name="services">What the server may call, or null for nothing.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <exception cref="FormatException">The text is no address.</exception>
    /// <exception cref="IOException">
    /// The server could not be reached within <see cref="MessagingOptions.ConnectTimeout"/>; or one of the two refuses the other's certificate, which no second attempt changes.
    /// </exception>
    /// <exception cref="RpcException">The server refuses who we say we are.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine lacks what the link needs; the message says what.</exception>
    public static async Task<RpcClient> ConnectAsync(
        string address, RpcServices? services = null, MessagingOptions? options = null, CancellationToken cancellationToken = default)
    {
        var client = new RpcClient(LinkAddress.Parse(address), new MessagingContext(options, services));
        var limit = client.Context.Options.ConnectTimeout;
        using var timeout = new CancellationTokenSource(limit, client.Context.Options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        RpcConnection connection;
        try
        {
            connection = await client.ConnectAsync(isFirst: true, both.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"Connecting with {address} was cancelled.", e, cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            throw new IOException($"{address} did not answer within {limit.TotalSeconds:0.###} s.", e);
        }

        client.SetCurrent(connection);
        client._running = client.RunAsync(first: connection);
        return client;
    }

    /// <summary>Begins to connect and returns at once; calls wait, within their time-outs, until there is a connection.</summary>
    /// <param name="address">See <see cref="LinkAddress"/>.</param>
    /// <param name="services">What the server may call, or null for nothing.</param>
    /// <param name="options">Settings, or null for the defaults. There is no end to the attempts but closing, or a refusal.</param>
    /// <exception cref="FormatException">The text is no address.</exception>
    public static RpcClient Start(string address, RpcServices? services = null, MessagingOptions? options = null)
    {
        var client = new RpcClient(LinkAddress.Parse(address), new MessagingContext(options, services));
        client._running = client.RunAsync(first: null);
        return client;
    }

    /// <summary>Begins to collect calls and notifications that are sent together, over the connection that there is then.</summary>
    public RpcBatch CreateBatch() => new(
        Context,
        async (items, cancellationToken) => await (_current is { IsEnding: false } current ? current : await NextAsync(Context.Options.CallTimeout, cancellationToken)).SendBatchAsync(items, cancellationToken));

    /// <summary>Closes the connection in order and makes no new one.</summary>
    /// <param name="cancellationToken">Ends the wait; the connection is then cut.</param>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        await _closing.CancelAsync();
        if (_current is { } connection)
        {
            await connection.CloseAsync(cancellationToken);
        }

        await _running;
        Fail(new ConnectionLostException("The client is closed."));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync();

    internal override Task<T> CallCoreAsync<T>(
        OutgoingMethod method, object? arguments, Codec<T> codec, TimeSpan timeout, CancellationToken cancellationToken) =>
        _current is { IsEnding: false } connection
            ? connection.CallCoreAsync(method, arguments, codec, timeout, cancellationToken)
            : WaitAndCallAsync(method, arguments, codec, timeout, cancellationToken);

    internal override async ValueTask NotifyCoreAsync(OutgoingMethod method, object? arguments, CancellationToken cancellationToken)
    {
        var connection = _current is { IsEnding: false } current ? current : await NextAsync(Context.Options.CallTimeout, cancellationToken);
        await connection.NotifyCoreAsync(method, arguments, cancellationToken);
    }

    private async Task<T> WaitAndCallAsync<T>(
        OutgoingMethod method, object? arguments, Codec<T> codec, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var time = Context.Options.TimeProvider;
        var start = time.GetTimestamp();
        var connection = await NextAsync(timeout, cancellationToken);
        var rest = timeout - time.GetElapsedTime(start);
        return rest > TimeSpan.Zero
            ? await connection.CallCoreAsync(method, arguments, codec, rest, cancellationToken)
            : throw new TimeoutException($"There was no connection with {_address} in time.");
    }

    private async Task<RpcConnection> NextAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task<RpcConnection> next;
        lock (_gate)
        {
            // Who makes the next connection may not have heard yet that this one is lost.
            if (_next.Task is { IsCompletedSuccessfully: true, Result.IsEnding: true })
            {
                Renew();
            }

            next = _next.Task;
        }

        try
        {
            return await next.WaitAsync(timeout, Context.Options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"There was no connection with {_address} in time.");
        }
    }

    private async Task RunAsync(RpcConnection? first)
    {
        for (var connection = first; ;)
        {
            if (connection is not null && !await OutliveAsync(connection))
            {
                return;
            }

            try
            {
                var isAnew = connection is not null;
                if (isAnew)
                {
                    await PauseAsync();
                }

                connection = await ConnectAsync(isFirst: false, _closing.Token);
                if (isAnew)
                {
                    Context.Options.Metrics?.Reconnected();
                }
            }
            catch (Exception e)
            {
                // Only closing ends the attempts, or a refusal that will not change.
                if (!_closing.IsCancellationRequested)
                {
                    Context.Logger.RegistrationFailed(_address.ToString(), e.Message);
                }

                Fail(new ConnectionLostException($"There is no connection with {_address}: {e.Message}", e));
                return;
            }

            SetCurrent(connection);

            // Closing looks for a connection once, and this one may have come just after.
            if (_closing.IsCancellationRequested)
            {
                connection.Abort();
            }
        }
    }

    /// <returns>Whether to connect again.</returns>
    private async Task<bool> OutliveAsync(RpcConnection connection)
    {
        await connection.Completion;
        lock (_gate)
        {
            if (_next.Task.IsCompleted)
            {
                Renew();
            }
        }

        Disconnected.Tell(nameof(Disconnected), connection, Context.Logger);
        if (Context.Options.Reconnect && !_closing.IsCancellationRequested)
        {
            return true;
        }

        Fail(new ConnectionLostException($"The connection with {_address} has ended.", connection.EndReason));
        return false;
    }

    /// <summary>
    /// A connection that lasted is made again at once. One that did not counts as an attempt that failed, or a server that accepts and closes, as it does
    /// who refuses a certificate after the handshake, would be asked without a pause.
    /// </summary>
    private async Task PauseAsync()
    {
        if (Context.Options.TimeProvider.GetElapsedTime(_connectedAt) >= Context.Options.MaxReconnectDelay)
        {
            _backOff.Reset();
            return;
        }

        await Task.Delay(_backOff.Next(), Context.Options.TimeProvider, _closing.Token);
    }

    /// <summary>From now on calls wait; under the lock.</summary>
    private void Renew()
    {
        _current = null;
        _next = new TaskCompletionSource<RpcConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Fail(Exception reason)
    {
        lock (_gate)
        {
            _next.TrySetException(reason);
            _ = _next.Task.Exception;
        }
    }

    private void SetCurrent(RpcConnection connection)
    {
        lock (_gate)
        {
            _connectedAt = Context.Options.TimeProvider.GetTimestamp();
            _current = connection;
            _next.TrySetResult(connection);
        }

        Connected.Tell(nameof(Connected), connection, Context.Logger);
    }

    private async Task<RpcConnection> ConnectAsync(bool isFirst, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ConnectOnceAsync(cancellationToken);
            }
            catch (AuthenticationException e) when (isFirst)
            {
                throw new IOException($"{_address} was reached, but there is no trust between the two: {e.Message}", e);
            }
            catch (Exception e) when (e is IOException or SocketException or AuthenticationException or TimeoutException or ObjectDisposedException)
            {
                var delay = _backOff.Next();
                Context.Logger.ConnectFailed(_address.ToString(), e.Message, delay);
                try
                {
                    await Task.Delay(delay, Context.Options.TimeProvider, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    throw new IOException($"{_address} could not be reached: {e.Message}", e);
                }
            }
        }
    }

    private async Task<RpcConnection> ConnectOnceAsync(CancellationToken cancellationToken)
    {
        var connection = _address.Scheme == LinkScheme.InProcess
            ? InProcessNames.OfThisProcess.Connect(_address, Context)
            : WireConnection.Start(Context, await LinkFactory.ConnectAsync(_address, Context.Options, cancellationToken));
        if (Context.Options.Identity is not { } identity)
        {
            return connection;
        }

        try
        {
            await connection.IntroduceAsync(identity, cancellationToken);
            return connection;
        }
        catch (RpcException e) when (e.Code == Protocol.JsonRpc.RpcErrorCodes.MethodNotFound)
        {
            // A peer of another make, which does not ask who calls.
            return connection;
        }
        catch
        {
            connection.Abort();
            throw;
        }
    }
}
