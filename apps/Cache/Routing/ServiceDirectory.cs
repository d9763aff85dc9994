using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Links;
using Starling.Messaging;

namespace Starling.Apps.Cache.Routing;

/// <summary>The services that have joined. Who registers is told its limits, proves itself, and is used from then on. Thread-safe.</summary>
internal sealed class ServiceDirectory : IDisposable
{
    private readonly ConcurrentDictionary<RpcConnection, ServiceLink> _joined = new();
    private readonly RpcServer _server;
    private readonly CacheOptions _options;
    private readonly MemberKey? _key;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServiceDirectory(RpcServer server, CacheOptions options, MemberKey? key, ILogger logger)
    {
        (_server, _options, _key, _logger) = (server, options, key, logger);
        server.Peers.Registered += connection => _ = JoinAsync(connection);
        server.Peers.Left += Leave;
    }

    public IReadOnlyList<ServiceLink> All => [.. _joined.Values.Where(link => !link.IsLost).OrderBy(link => link.Name, StringComparer.Ordinal)];

    /// <summary>How many commands wait for a service of a role that is away.</summary>
    public ConcurrentDictionary<string, int> Waiting { get; } = new(StringComparer.Ordinal);

    /// <summary>The least busy service of a role; one that is away is waited for.</summary>
    /// <exception cref="CacheException">None came in time.</exception>
    public async Task<ServiceLink> GetAsync(string role, CancellationToken cancellationToken)
    {
        if (Find(role) is { } found)
        {
            return found;
        }

        Waiting.AddOrUpdate(role, 1, static (_, count) => count + 1);
        using var patience = new CancellationTokenSource(_options.Patience, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            while (true)
            {
                var changed = Changed();
                if (Find(role) is { } link)
                {
                    return link;
                }

                await changed.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CacheException(
                CacheError.ServiceAway,
                $"The {role} service is away and did not come within {_options.Patience.TotalSeconds:0.#} s; {Advice(role)}");
        }
        finally
        {
            Waiting.AddOrUpdate(role, 0, static (_, count) => count - 1);
        }
    }

    /// <summary>Cuts a service off, so that its name is free for the next.</summary>
    public void Drop(string name) => _server.Peers.Find(name)?.Abort();

    /// <summary>Services go now because the cache ends, which is nothing to speak of.</summary>
    public void Dispose() => _server.Peers.Left -= Leave;

    private string Advice(string role) => _options.Start.Contains(role)
        ? "it is being started again. Try later; stats shows its state."
        : $"start one with: starling apps cache --service {role} --connect ADDRESS";

    private ServiceLink? Find(string role) => _joined.Values.Where(link => link.Role == role && !link.IsLost).MinBy(link => link.UnderWay);

    private Task Changed()
    {
        lock (_gate)
        {
            return _changed.Task;
        }
    }

    private async Task JoinAsync(RpcConnection connection)
    {
        var name = connection.Peer!.Name;
        try
        {
            if (connection.Peer.Role is not (Roles.Cache or Roles.Fetch))
            {
                throw new CacheException(CacheError.NotJoined, $"there is no role '{connection.Peer.Role}'");
            }

            if (connection.Peer.Role == Roles.Cache && Find(Roles.Cache) is { } other)
            {
                throw new CacheException(CacheError.NotJoined, $"{other.Name} holds the entries already");
            }

            var challenge = MemberKey.Challenge();
            var membership = await connection.GetService<IMember>(_options.Patience).JoinAsync(
                new MemberSettings(_options.Fetch, _options.Store), challenge, _key?.Prove("main", challenge) ?? "", CancellationToken.None);
            if (_key is not null && !_key.Accepts("member", challenge, membership.Proof))
            {
                throw new CacheException(CacheError.NotJoined, $"it does not know the key ({MemberKey.Variable})");
            }

            _joined[connection] = new ServiceLink(connection, membership.Runs);
            if (connection.Completion.IsCompleted)
            {
                _joined.TryRemove(connection, out _);
            }

            CacheLog.Joined(_logger, name, membership.Runs);
            Signal();
        }
        catch (Exception e) when (e is RpcException or IOException or TimeoutException)
        {
            CacheLog.NotLetIn(_logger, name, e.Message);
            connection.Abort();
        }
    }

    private void Leave(RpcConnection connection)
    {
        if (_joined.TryRemove(connection, out var link))
        {
            CacheLog.Left(_logger, link.Name);
            Signal();
        }
    }

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
