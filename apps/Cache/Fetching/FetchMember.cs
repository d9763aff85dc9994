using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Fetching;

/// <summary>The fetch service, as one connection sees it. Thread-safe.</summary>
internal sealed class FetchMember(MemberOptions options) : Member(options), IFetcher
{
    private readonly TimeProvider _time = options.TimeProvider;
    private Fetcher? _fetcher;

    public async Task<Stream> FetchAsync(string url, CancellationToken cancellationToken)
    {
        var fetcher = _fetcher ?? throw new CacheException(CacheError.NotJoined, "The fetch service has not joined.");
        var (head, body) = await fetcher.FetchAsync(url, cancellationToken);
        return HeadedStream.Create(head, body);
    }

    public override void Dispose() => Interlocked.Exchange(ref _fetcher, null)?.Dispose();

    protected override void Begin(MemberSettings settings) => Interlocked.Exchange(ref _fetcher, new Fetcher(settings.Fetch, _time))?.Dispose();
}
