using Starling.Messaging;

namespace Starling.Apps.Cache.Links;

/// <summary>What main asks of every service that registers, before anything else.</summary>
[RpcService("member")]
internal interface IMember
{
    /// <summary>Asks who the service is. It proves itself first, so main gives nothing of worth to strangers.</summary>
    /// <param name="nonce">Main's part of what both proofs are bound to, never used before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Introduction> IntroduceAsync(string nonce, CancellationToken cancellationToken);

    /// <summary>Lets the service in, and tells it its limits.</summary>
    /// <param name="settings"><see cref="MemberSettings"/> as JSON; a text, because the proof covers it to the letter.</param>
    /// <param name="proof">Shows that main knows the key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CacheException">Main does not know the key, or the folder cannot be used.</exception>
    Task JoinAsync(string settings, string proof, CancellationToken cancellationToken);

    /// <summary>Tells the service why it is not let in, before main hangs up.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task RefuseAsync(string reason, CancellationToken cancellationToken);
}
