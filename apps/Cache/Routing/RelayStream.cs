using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Routing;

/// <summary>A body on its way from one service to another. It remembers what it failed with, so that one knows which of the two it was.</summary>
internal sealed class RelayStream(Stream inner) : ReadOnlyStream
{
    /// <summary>Why reading failed, or null.</summary>
    public Exception? Failure { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Failure = e;
            throw;
        }
    }
}
