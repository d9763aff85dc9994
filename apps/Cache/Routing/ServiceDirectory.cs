using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Links;
using Starling.Messaging;

namespace Starling.Apps.Cache.Routing;

/// <summary>The services that have joined. Who registers proves itself, is told its limits, and is used from then on. Thread-safe.</summary>
internal sealed class ServiceDirectory : IDisposable
{
    /// <summary>How long a service that is started may take to say who it is.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long a service that has lost main may take to come back.</summary>
    private static readonly TimeSpan ReturnLimit = TimeSpan.FromSeconds(3);

    private readonly ServiceTable _services = new();
    private readonly ConcurrentDictionary<string, long> _signs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _refusals = new(StringComparer.Ordinal);
    private readonly RefusalLog _refused;
    private readonly CacheOptions _options;
    private readonly MemberKey? _key;
    private readonly IReadOnlyCollection<string> _own;
    private readonly ILogger _logger;
    private volatile bool _isClosing;

    /// <param name="server">Where services register.</param>
    /// <param name="options">The settings.</param>
    /// <param name="key">What they must know; null where the link itself keeps strangers out.</param>
    /// <param name="own">Names of the services that main starts, which are theirs only.</param>
    /// <param name="logger">Where to log.</param>
    public ServiceDirectory(RpcServer server, CacheOptions options, MemberKey? key, IReadOnlyCollection<string> own, ILogger logger)
    {
        (_options, _key, _own, _logger) = (options, key, own, logger);
        _refused = new RefusalLog(logger, options.TimeProvider);
        server.Peers.Registered += connection => _ = AdmitAsync(connection);
    }

    public IReadOnlyList<ServiceLink> All => [.. _services.Ready().OrderBy(link => link.Name, StringComparer.Ordinal)];

    /// <summary>How many commands wait for a service of a role that is away.</summary>
    public ConcurrentDictionary<string, int> Waiting { get; } = new(StringComparer.Ordinal);

    /// <summary>The least busy service of a role; one that is away is waited for.</summary>
    /// <exception cref="CacheException">None came in time.</exception>
    public async Task<ServiceLink> GetAsync(string role, CancellationToken cancellationToken)
    {
        if (LeastBusy(role) is { } found)
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
                var changed = _services.Changed;
                if (LeastBusy(role) is { } link)
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

    /// <summary>
    /// Returns when a service that main started has not been heard of for so long that it must hang. Who comes and is refused lives.
    /// </summary>
    public async Task WaitForSilenceAsync(string name, CancellationToken cancellationToken)
    {
        var time = _options.TimeProvider;
        var (began, limit) = (time.GetTimestamp(), StartLimit);
        while (true)
        {
            var changed = _services.Changed;
            if (_services.Find(name) is { } link)
            {
                limit = link.IsReady ? ReturnLimit : limit;
                await changed.WaitAsync(cancellationToken);
                continue;
            }

            var left = limit - time.GetElapsedTime(Math.Max(began, _signs.GetValueOrDefault(name)));
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await Task.WhenAny(changed, Task.Delay(left, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Cuts a service off, so that its name is free for the next.</summary>
    public void Drop(string name)
    {
        if (_services.Find(name) is { } link)
        {
            link.Connection.Abort();
            Remove(link);
        }
    }

    /// <summary>Services go now because the cache ends, which is nothing to speak of.</summary>
    public void Dispose() => _isClosing = true;

    private string Advice(string role) => _refusals.TryGetValue(role, out var reason) ? $"the last that came was not let in: {reason}"
        : _options.Start.Contains(role) ? "it is being started again. Try later; stats shows its state."
        : $"start one with: starling apps cache --service {role} --connect ADDRESS";

    private ServiceLink? LeastBusy(string role) => _services.Ready().Where(link => link.Role == role).MinBy(link => link.UnderWay);

    private async Task AdmitAsync(RpcConnection connection)
    {
        var admission = new Admission(connection, _key);
        ServiceLink? link = null;
        string? role = null;
        try
        {
            var service = await admission.IdentifyAsync();
            role = service.Role;
            NoteSign(service.Name);
            link = await ReserveAsync(connection, service);
            await admission.JoinAsync(new MemberSettings(_options.Fetch, _options.Store), _options.Patience);
            _refusals.TryRemove(role, out _);
            CacheLog.Joined(_logger, link.Name, link.Runs);
            _services.SetReady(link);
        }
        catch (Exception e)
        {
            // Whatever a stranger answers: it is out, and main goes on.
            if (link is not null)
            {
                Remove(link);
            }

            if (role is not null && e is RpcException)
            {
                _refusals[role] = e.Message;
            }

            if (!_isClosing)
            {
                _refused.Write(admission.Claim?.Name ?? "Somebody", connection.RemoteAddress, e.Message);
            }

            await admission.RefuseAsync(e.Message);
        }
    }

    /// <exception cref="CacheException">The place is taken, or there is none like it.</exception>
    private async Task<ServiceLink> ReserveAsync(RpcConnection connection, Introduction service)
    {
        if (Objection(service) is { } objection)
        {
            throw new CacheException(CacheError.NotJoined, objection);
        }

        var link = new ServiceLink(connection, service);
        while (_services.Add(link) is { } rival)
        {
            if (rival.Name != link.Name)
            {
                throw new CacheException(CacheError.NotJoined, $"{rival.Name} ({rival.Runs}) holds the entries already, and there is one cache service");
            }

            // The same service may be back before main has noticed that it was away.
            if (await rival.AnswersAsync())
            {
                throw new CacheException(CacheError.NotJoined, $"the name {rival.Name} is taken by {rival.Runs}; choose another with --name");
            }

            rival.Connection.Abort();
            Remove(rival);
        }

        _ = RemoveWhenLostAsync(link);
        return link;
    }

    private string? Objection(Introduction service) =>
        service.Role is not (Roles.Cache or Roles.Fetch) ? $"there is no role '{service.Role}'"
        : !Introduction.IsName(service.Name) || !Introduction.IsName(service.Runs) ? $"its name must have 1 to {Introduction.MaxName} characters that can be shown"
        : service.IsAttached ? null
        : _own.Contains(service.Name) ? $"{service.Name} is the name of a service that main starts itself; choose another with --name"
        : service.Role == Roles.Cache && _options.Start.Contains(Roles.Cache) ? "main starts the cache service itself, and there is one (--start fetch leaves it out)"
        : null;

    private async Task RemoveWhenLostAsync(ServiceLink link)
    {
        await link.Connection.Completion;
        Remove(link);
    }

    private void Remove(ServiceLink link)
    {
        // Its silence begins here, so this comes first.
        NoteSign(link.Name);
        if (!_services.Remove(link) || !link.IsReady)
        {
            return;
        }

        _refusals.TryRemove(link.Role, out _);
        if (!_isClosing)
        {
            CacheLog.Left(_logger, link.Name);
        }
    }

    private void NoteSign(string name)
    {
        if (_own.Contains(name))
        {
            _signs[name] = _options.TimeProvider.GetTimestamp();
        }
    }
}
