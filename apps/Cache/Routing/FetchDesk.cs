using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Links;
using Starling.Messaging;

namespace Starling.Apps.Cache.Routing;

/// <summary>
/// Fetches resources into the cache: one fetch for all who ask for the same at the same time, so many at a time, and once more when a
/// service was lost on the way. Thread-safe.
/// </summary>
internal sealed class FetchDesk(ServiceDirectory services, CacheOptions options, ILogger logger)
{
    private const int Attempts = 3;

    private readonly SingleFlight<GrabResult> _flights = new();
    private readonly SemaphoreSlim _turns = new(options.MaxFetches);
    private int _waiting;
    private int _fetching;
    private long _fetched;
    private long _failed;
    private long _shared;

    public long Fetched => Interlocked.Read(ref _fetched);

    public long Failed => Interlocked.Read(ref _failed);

    public long Shared => Interlocked.Read(ref _shared);

    public int Fetching => Volatile.Read(ref _fetching);

    public int Queued => Volatile.Read(ref _waiting);

    /// <summary>Fetches a resource, unless it came in by now.</summary>
    /// <exception cref="CacheException">The resource cannot be had.</exception>
    public async Task<GrabResult> GetAsync(string url, CancellationToken cancellationToken)
    {
        var (result, isShared) = await _flights.RunAsync(url, token => TakeTurnAsync(url, token), cancellationToken);
        if (isShared)
        {
            Interlocked.Increment(ref _shared);
        }

        return result;
    }

    private async Task<GrabResult> TakeTurnAsync(string url, CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(cancellationToken);
        Interlocked.Increment(ref _fetching);
        try
        {
            var result = await FetchAsync(url, cancellationToken);
            Interlocked.Add(ref _fetched, result.IsHit ? 0 : 1);
            return result;
        }
        catch
        {
            Interlocked.Increment(ref _failed);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _fetching);
            _turns.Release();
        }
    }

    private async Task WaitForTurnAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > options.MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new CacheException(CacheError.Busy, $"{options.MaxWaiting} fetches are waiting already; try later.");
        }

        try
        {
            await _turns.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<GrabResult> FetchAsync(string url, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var fetch = await services.GetAsync(Roles.Fetch, cancellationToken);
            var cache = await services.GetAsync(Roles.Cache, cancellationToken);
            try
            {
                // Another fetch may have ended since the caller looked, or the cache may have kept it in the moment in which it died.
                var entries = cache.Connection.GetService<IEntries>(options.Fetch.MaxTime + options.Patience);
                return await entries.FindAsync(url, cancellationToken) is { } known
                    ? new GrabResult(known, IsHit: attempt == 1)
                    : new GrabResult(await CarryAsync(url, fetch, cache, entries, cancellationToken), IsHit: false);
            }
            catch (Exception e) when (Router.IsLoss(e) || ((fetch.IsLost || cache.IsLost) && e is IOException or RpcException and not CacheException))
            {
                if (attempt == Attempts)
                {
                    throw new CacheException(CacheError.ServiceAway, $"Services were lost {Attempts} times while {url} was fetched; nothing is kept of it.", e);
                }

                CacheLog.FetchedAgain(logger, url, e.Message);
                await ServiceLink.WaitForLossAsync(options.TimeProvider, fetch, cache);
            }
        }
    }

    private async Task<Entry> CarryAsync(string url, ServiceLink fetch, ServiceLink cache, IEntries entries, CancellationToken cancellationToken)
    {
        using var fetching = fetch.Begin();
        using var keeping = cache.Begin();
        var limit = options.Fetch.MaxTime + options.Patience;
        RelayStream? relay = null;
        try
        {
            await using var stream = await fetch.Connection.GetService<IFetcher>(limit).FetchAsync(url, cancellationToken);

            // What breaks off at once may do so before the head is read, which comes over the same stream.
            await using var body = relay = new RelayStream(stream);
            var head = await HeadedStream.ReadHeadAsync<ResourceHead>(body, cancellationToken);
            return await entries.PutAsync(head, body, cancellationToken);
        }
        catch (Exception e) when (relay?.Failure is { } failure && e is not OperationCanceledException)
        {
            throw StreamFailure.Read(failure) ?? Unreadable(failure, fetch);
        }
        catch (Exception e) when (e is TimeoutException or RpcException)
        {
            throw Router.Meaning(e, e is TimeoutException && relay is null ? fetch : cache) ?? (Router.IsLoss(e) ? e : Unexpected(e));
        }
    }

    private static Exception Unreadable(Exception failure, ServiceLink fetch) => failure is ConnectionLostException || fetch.IsLost
        ? new ConnectionLostException("The fetch service was lost.", failure)
        : Unexpected(failure);

    private static CacheException Unexpected(Exception exception) =>
        new(CacheError.SourceFailed, $"The fetch failed: {exception.Message}; nothing is kept of it.", exception);
}
