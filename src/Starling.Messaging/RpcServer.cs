using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using Starling.Messaging.Connections;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Links;
using Starling.Messaging.Registration;

namespace Starling.Messaging;

/// <summary>Serves peers at any number of addresses. Thread-safe.</summary>
public sealed class RpcServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<RpcConnection, byte> _connections = new();
    private readonly ConcurrentBag<ILinkListener> _listeners = [];
    private readonly ConcurrentBag<IDisposable> _names = [];
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Creates a server that listens nowhere yet.</summary>
    /// <param name="services">What peers may call.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    public RpcServer(RpcServices services, MessagingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        Context = new MessagingContext(options, services, async (connection, identity, cancellationToken) =>
        {
            await Peers!.RegisterAsync(connection, identity, cancellationToken);
            return Context!.Options.Identity;
        });
        Peers = new PeerRegistry(Context.Logger);
    }

    /// <summary>The peers that have said who they are.</summary>
    public PeerRegistry Peers { get; }

    /// <summary>All connections that are open.</summary>
    public IReadOnlyCollection<RpcConnection> Connections => [.. _connections.Keys];

    internal MessagingContext Context { get; }

    /// <summary>Creates a server that listens at one address.</summary>
    /// <param name="address">See <see cref="LinkAddress"/>.</param>
    /// <param name="services">What peers may call.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <inheritdoc cref="ListenAsync(string, CancellationToken)" path="/exception"/>
    public static async Task<RpcServer> StartAsync(
        string address, RpcServices services, MessagingOptions? options = null, CancellationToken cancellationToken = default)
    {
        var server = new RpcServer(services, options);
        await server.ListenAsync(address, cancellationToken);
        return server;
    }

    /// <summary>Listens at one more address.</summary>
    /// <param name="address">See <see cref="LinkAddress"/>. Port 0 lets the system choose one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Where it listens, with the port that the system chose.</returns>
    /// <exception cref="FormatException">The text is no address.</exception>
    /// <exception cref="IOException">The address cannot be listened on; the message says why.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine lacks what the link needs; the message says what.</exception>
    public async Task<LinkAddress> ListenAsync(string address, CancellationToken cancellationToken = default)
    {
        var parsed = LinkAddress.Parse(address);
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        if (parsed.Scheme == LinkScheme.InProcess)
        {
            _names.Add(InProcessNames.OfThisProcess.Add(parsed, AcceptInProcess));
            Context.Logger.Listening(address);
            return parsed;
        }

        var listener = await LinkFactory.ListenAsync(parsed, Context.Options, Context.Logger, cancellationToken);
        _listeners.Add(listener);
        Context.Logger.Listening(listener.Address.ToString());
        _ = AcceptAsync(listener);
        return listener.Address;
    }

    /// <summary>Stops listening, closes all connections in order, and ends.</summary>
    /// <param name="cancellationToken">Ends the wait; connections are then cut.</param>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        await _closing.CancelAsync();
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        foreach (var name in _names)
        {
            name.Dispose();
        }

        await Task.WhenAll(_connections.Keys.Select(connection => connection.CloseAsync(cancellationToken)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync();

    /// <summary>Serves a link that somebody else has accepted; returns when it has ended.</summary>
    /// <param name="link">The link.</param>
    /// <param name="closing">Asks for it to be closed in order.</param>
    internal async Task ServeAsync(Link link, CancellationToken closing)
    {
        var connection = WireConnection.Start(Context, link, Keep);
        await using var registration = closing.UnsafeRegister(
            static connection => _ = ((RpcConnection)connection!).CloseAsync(), connection);
        await connection.Completion;
    }

    private RpcConnection AcceptInProcess(MessagingContext client)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        return InProcessConnection.Connect(client, Context, Keep);
    }

    private async Task AcceptAsync(ILinkListener listener)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var open = await listener.AcceptAsync();
                if (open is null)
                {
                    return;
                }

                _ = OpenAsync(open, listener.Address);
            }
            catch (Exception e)
            {
                // Out of file descriptors, most likely: it passes when others close, and asking at once again would only burn a core.
                Context.Logger.AcceptFailed(e, listener.Address.ToString());
                await Task.Delay(TimeSpan.FromMilliseconds(100), Context.Options.TimeProvider, CancellationToken.None);
            }
        }
    }

    private async Task OpenAsync(Func<CancellationToken, Task<Link>> open, LinkAddress address)
    {
        using var limit = new CancellationTokenSource(Context.Options.MessageTimeout, Context.Options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _closing.Token);
        try
        {
            await ServeAsync(await open(both.Token), CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or SocketException or OperationCanceledException)
        {
            Context.Logger.Disconnected(address.ToString(), e.Message);
        }
    }

    private void Keep(RpcConnection connection)
    {
        _connections[connection] = 0;
        _ = ForgetAsync(connection);
        if (_closing.IsCancellationRequested)
        {
            connection.Abort();
        }
    }

    private async Task ForgetAsync(RpcConnection connection)
    {
        await connection.Completion;
        _connections.TryRemove(connection, out _);
    }
}
