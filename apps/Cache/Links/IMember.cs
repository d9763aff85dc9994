using Starling.Messaging;

namespace Starling.Apps.Cache.Links;

/// <summary>What main asks of every service that registers, before anything else.</summary>
[RpcService("member")]
internal interface IMember
{
    /// <summary>Tells the service its limits, and asks it to prove that it knows the key.</summary>
    /// <param name="settings">The limits.</param>
    /// <param name="challenge">Any text that was not used before.</param>
    /// <param name="proof">Main's own proof.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CacheException">Main does not know the key, or the folder cannot be used.</exception>
    Task<Membership> JoinAsync(MemberSettings settings, string challenge, string proof, CancellationToken cancellationToken);
}
