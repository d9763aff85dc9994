using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Starling.Messaging.Diagnostics;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Registration;

/// <summary>The peers of a server that have said who they are. Thread-safe.</summary>
/// <remarks>
/// A name belongs to one peer. Who asks for a name that is taken gets it if its holder no longer answers, for example because its machine
/// is gone without a word; otherwise he is refused.
/// </remarks>
public sealed class PeerRegistry
{
    private static readonly TimeSpan HolderPatience = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, RpcConnection> _byName = new(StringComparer.Ordinal);
    private readonly ILogger _logger;

    internal PeerRegistry(ILogger logger) => _logger = logger;

    /// <summary>A peer has registered. Handlers must not block.</summary>
    public event Action<RpcConnection>? Registered;

    /// <summary>The connection of a registered peer has ended. Handlers must not block.</summary>
    public event Action<RpcConnection>? Left;

    /// <summary>All that are there now.</summary>
    public IReadOnlyCollection<RpcConnection> All => [.. _byName.Values];

    /// <summary>Finds a peer by its name.</summary>
    /// <param name="name">The name.</param>
    public RpcConnection? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Finds the peers of a role.</summary>
    /// <param name="role">The role.</param>
    public IReadOnlyList<RpcConnection> InRole(string role) => [.. _byName.Values.Where(peer => peer.Peer?.Role == role)];

    /// <summary>Waits until a peer of this name is there.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RpcConnection> WaitForAsync(string name, CancellationToken cancellationToken) =>
        WaitAsync(() => Find(name), cancellationToken);

    /// <summary>Waits until a peer of this role is there.</summary>
    /// <param name="role">The role.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RpcConnection> WaitForRoleAsync(string role, CancellationToken cancellationToken) =>
        WaitAsync(() => InRole(role) is [var first, ..] ? first : null, cancellationToken);

    /// <exception cref="RpcException">The name is taken.</exception>
    internal async Task RegisterAsync(RpcConnection connection, PeerIdentity identity, CancellationToken cancellationToken)
    {
        if (identity.Name.Length is 0 or > 256 || identity.Role.Length > 256)
        {
            throw new RpcException(RpcErrorCodes.InvalidParams, "A name has 1 to 256 characters, a role at most 256.");
        }

        if (connection.Peer is not null)
        {
            throw new RpcException(RpcErrorCodes.InvalidRequest, $"This connection is registered as {connection.Peer.Name} already.");
        }

        while (!_byName.TryAdd(identity.Name, connection))
        {
            if (!_byName.TryGetValue(identity.Name, out var holder))
            {
                continue;
            }

            if (await LivesAsync(holder, cancellationToken))
            {
                _logger.NameRefused(identity.Name, connection.RemoteAddress, holder.RemoteAddress);
                throw new RpcException(RpcErrorCodes.NameTaken, $"The name {identity.Name} is taken by a peer that is alive.");
            }

            holder.Abort();
            Remove(identity.Name, holder);
        }

        connection.Peer = identity;
        _logger.PeerRegistered(identity.Name, identity.Role, connection.RemoteAddress);
        _ = RemoveWhenEndedAsync(identity.Name, connection);
        Registered.Tell(nameof(Registered), connection, _logger);
    }

    private static async Task<bool> LivesAsync(RpcConnection holder, CancellationToken cancellationToken)
    {
        if (holder.Completion.IsCompleted)
        {
            return false;
        }

        try
        {
            await holder.InvokeAsync("$/ping", [], HolderPatience, cancellationToken);
            return true;
        }
        catch (RpcException)
        {
            return true;
        }
        catch (Exception e) when (e is TimeoutException or ConnectionLostException)
        {
            return false;
        }
    }

    private async Task RemoveWhenEndedAsync(string name, RpcConnection connection)
    {
        await connection.Completion;
        Remove(name, connection);
    }

    private void Remove(string name, RpcConnection connection)
    {
        if (_byName.TryRemove(KeyValuePair.Create(name, connection)))
        {
            _logger.PeerLeft(name, connection.Peer?.Role ?? "");
            Left.Tell(nameof(Left), connection, _logger);
        }
    }

    private async Task<RpcConnection> WaitAsync(Func<RpcConnection?> find, CancellationToken cancellationToken)
    {
        var found = new TaskCompletionSource<RpcConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        Registered += Look;
        try
        {
            Look(null);
            return await found.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Registered -= Look;
        }

        void Look(RpcConnection? newcomer)
        {
            if (find() is { } peer)
            {
                found.TrySetResult(peer);
            }
        }
    }
}
