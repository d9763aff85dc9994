using Starling.Messaging;

namespace Starling.Apps.Cache.Links;

/// <summary>Gets resources from their sources.</summary>
[RpcService("fetch")]
internal interface IFetcher
{
    /// <summary>Fetches a resource. The answer comes with the source's header.</summary>
    /// <returns>A <see cref="HeadedStream"/> of a <see cref="ResourceHead"/> and the body; reading it fails when the source breaks off.</returns>
    /// <exception cref="CacheException">The source, or what it sent, cannot be had.</exception>
    Task<Stream> FetchAsync(string url, CancellationToken cancellationToken);
}
