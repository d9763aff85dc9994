using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Fetching;

/// <summary>The fetch service. Thread-safe.</summary>
internal sealed class FetchMember(TimeProvider time) : Member, IFetcher
{
    private Fetcher? _fetcher;
    private FetchLimits? _limits;

    public async Task<Stream> FetchAsync(string url, CancellationToken cancellationToken)
    {
        var fetcher = _fetcher ?? throw new CacheException(CacheError.NotJoined, "The fetch service has not been told its limits yet.");
        var (head, body) = await fetcher.FetchAsync(url, cancellationToken);
        return HeadedStream.Create(head, body);
    }

    public override ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _fetcher, null)?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override void Begin(MemberSettings settings)
    {
        // The same limits come again when the connection with main was lost; what is being fetched need not know.
        if (_limits != settings.Fetch)
        {
            _limits = settings.Fetch;
            Interlocked.Exchange(ref _fetcher, new Fetcher(settings.Fetch, time))?.Dispose();
        }
    }
}
