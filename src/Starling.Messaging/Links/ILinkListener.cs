namespace Starling.Messaging.Links;

/// <summary>Waits for peers at one address. Disposal stops waiting; links that were accepted go on.</summary>
internal interface ILinkListener : IAsyncDisposable
{
    /// <summary>Where it listens, with the port that the system chose.</summary>
    LinkAddress Address { get; }

    /// <summary>Waits for the next peer.</summary>
    /// <returns>What opens the link: a handshake, if there is one, must not keep other peers waiting. Null after disposal.</returns>
    Task<Func<CancellationToken, Task<Link>>?> AcceptAsync();
}
