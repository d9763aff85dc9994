using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Fetching;
using Starling.Apps.Cache.Links;
using Starling.Messaging;

namespace Starling.Apps.Cache.Routing;

/// <summary>
/// Carries out commands with the services that are there. What is lost with a service is asked again where that does no harm: reading,
/// fetching, and deleting by a number. Thread-safe.
/// </summary>
internal sealed class Router : IDisposable
{
    private const int Attempts = 3;

    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(30);

    private readonly ServiceDirectory _services;
    private readonly Func<IReadOnlyList<ServiceState>> _states;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private long _hits;
    private long _misses;

    public Router(ServiceDirectory services, Func<IReadOnlyList<ServiceState>> states, CacheOptions options, ILogger logger)
    {
        (_services, _states, _time) = (services, states, options.TimeProvider);
        Desk = new FetchDesk(services, options, logger);
    }

    /// <summary>Ends when the cache closes.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Where resources are fetched.</summary>
    public FetchDesk Desk { get; }

    /// <summary>Gets a resource and keeps it, unless it is kept already.</summary>
    /// <exception cref="CacheException">It cannot be had.</exception>
    public async Task<GrabResult> GrabAsync(string text, CancellationToken cancellationToken)
    {
        var url = SourceUrl.Parse(text).AbsoluteUri;
        if (await AskAsync((entries, token) => entries.FindAsync(url, token), cancellationToken) is { } known)
        {
            Interlocked.Increment(ref _hits);
            return new GrabResult(known, true);
        }

        Interlocked.Increment(ref _misses);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Closing);
        try
        {
            return await Desk.GetAsync(url, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && Closing.IsCancellationRequested)
        {
            throw new CacheException(CacheError.ServiceAway, "The cache ends.");
        }
    }

    /// <summary>Opens an entry.</summary>
    /// <exception cref="CacheException">There is none.</exception>
    public async Task<OpenedEntry> OpenAsync(long number, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var cache = await _services.GetAsync(Roles.Cache, cancellationToken);
            var work = cache.Begin();
            try
            {
                var stream = await cache.Connection.GetService<IEntries>(Brief).OpenAsync(number, cancellationToken);
                var entry = await HeadedStream.ReadHeadAsync<Entry>(stream, cancellationToken);
                Interlocked.Increment(ref _hits);
                return new OpenedEntry(entry, new EntryStream(stream, number), work);
            }
            catch (Exception e)
            {
                work.Dispose();
                if (e is RpcException { Code: (int)CacheError.NoEntry })
                {
                    Interlocked.Increment(ref _misses);
                }

                if (Meaning(e, cache) is { } refusal)
                {
                    throw refusal;
                }

                if (!IsLoss(e) || attempt == Attempts)
                {
                    throw;
                }

                await ServiceLink.WaitForLossAsync(_time, cache);
            }
        }
    }

    /// <summary>All entries by number.</summary>
    public async Task<IReadOnlyList<Entry>> ListAsync(CancellationToken cancellationToken) => await AskAsync(
        async (entries, token) =>
        {
            var list = new List<Entry>();
            await foreach (var entry in entries.ListAsync(token))
            {
                list.Add(entry);
            }

            return list;
        },
        cancellationToken);

    /// <summary>Deletes an entry.</summary>
    /// <exception cref="CacheException">There is none.</exception>
    public async Task DeleteAsync(long number, CancellationToken cancellationToken)
    {
        var isRepeated = false;
        var wasThere = await AskAsync(
            async (entries, token) =>
            {
                // Numbers are given once: what is gone at the second asking went at the first.
                var deleted = await entries.DeleteAsync(number, token) || isRepeated;
                return deleted;
            },
            cancellationToken,
            onLoss: () => isRepeated = true);
        if (!wasThere)
        {
            throw new CacheException(CacheError.NoEntry, $"There is no entry {number}; list shows which there are.");
        }
    }

    /// <summary>Deletes all entries. Not asked twice: meanwhile there may be others.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> ClearAsync(CancellationToken cancellationToken) =>
        AskAsync((entries, token) => entries.ClearAsync(token), cancellationToken, attempts: 1);

    /// <summary>Figures; they are there even when no service is.</summary>
    public async Task<CacheStatistics> StatisticsAsync(CancellationToken cancellationToken)
    {
        StoreStatistics? store = null;
        if (_services.All.FirstOrDefault(link => link.Role == Roles.Cache) is { } cache)
        {
            try
            {
                store = await cache.Connection.GetService<IEntries>(TimeSpan.FromSeconds(5)).StatisticsAsync(cancellationToken);
            }
            catch (Exception e) when (e is RpcException or IOException or TimeoutException)
            {
                // It went while it was asked; its state says so.
            }
        }

        var (hits, misses) = (Interlocked.Read(ref _hits), Interlocked.Read(ref _misses));
        return new CacheStatistics(
            hits, misses, Desk.Fetched, Desk.Failed, Desk.Shared, Desk.Fetching, Desk.Queued, store, _states());
    }

    /// <summary>Ends what is under way.</summary>
    public void Dispose() => _closing.Cancel();

    /// <summary>What a service meant by an error of ours, or null.</summary>
    internal static CacheException? Meaning(Exception exception, ServiceLink link) => exception switch
    {
        RpcException e => CacheException.From(e),
        TimeoutException => new CacheException(CacheError.ServiceAway, $"The {link.Role} service {link.Name} did not answer in time.", exception),
        IOException => StreamFailure.Read(exception),
        _ => null,
    };

    internal static bool IsLoss(Exception exception) => exception is ConnectionLostException or RpcException { Code: Protocol.JsonRpc.RpcErrorCodes.Closing };

    private async Task<T> AskAsync<T>(
        Func<IEntries, CancellationToken, Task<T>> ask, CancellationToken cancellationToken, int attempts = Attempts, Action? onLoss = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var cache = await _services.GetAsync(Roles.Cache, cancellationToken);
            using var work = cache.Begin();
            try
            {
                return await ask(cache.Connection.GetService<IEntries>(Brief), cancellationToken);
            }
            catch (Exception e) when (Meaning(e, cache) is { } refusal)
            {
                throw refusal;
            }
            catch (Exception e) when (IsLoss(e))
            {
                if (attempt >= attempts)
                {
                    throw new CacheException(CacheError.ServiceAway, "The cache service was lost; whether this was done is not known. Look at the list.", e);
                }

                onLoss?.Invoke();
                await ServiceLink.WaitForLossAsync(_time, cache);
            }
        }
    }
}
