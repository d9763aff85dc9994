using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Fetching;

/// <summary>The body of a source's answer, within the limits. Owns the answer and the clock.</summary>
internal sealed class SourceBody(HttpResponseMessage response, Stream inner, FetchClock clock, FetchLimits limits, string host) : ReadOnlyStream
{
    private long _count;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await ReadInTimeAsync(buffer, cancellationToken);
        _count += count;
        return _count <= limits.MaxSize ? count : throw StreamFailure.Create(TooLarge(host, limits));
    }

    public static CacheException TooLarge(string host, FetchLimits limits) =>
        new(CacheError.TooLarge, $"What {host} sends is larger than {limits.MaxSize} bytes (--max-size); nothing is kept of it.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            response.Dispose();
            clock.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadInTimeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await using var registration = clock.CancelWith(cancellationToken);
        clock.Start();
        try
        {
            return await inner.ReadAsync(buffer, clock.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && clock.Reason(host) is { } reason)
        {
            throw reason is CacheException known ? StreamFailure.Create(known) : reason;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw StreamFailure.Create(new CacheException(CacheError.SourceFailed, $"{host} broke off after {_count} bytes: {e.Message}", e));
        }
        finally
        {
            clock.Stop();
        }
    }
}
