using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Routing;

/// <summary>The body of an entry from the cache service. What it fails with is what the service meant, or that it was lost.</summary>
internal sealed class EntryStream(Stream inner, long number) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException e) when (Meaning(e) is { } meaning)
        {
            throw meaning;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private CacheException? Meaning(IOException exception) => StreamFailure.Read(exception) ?? (Router.IsLoss(exception)
        ? new CacheException(CacheError.ServiceAway, $"The cache service was lost while entry {number} was read; read it again.", exception)
        : null);
}
