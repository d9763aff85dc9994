using System.Net;

namespace Starling.Apps.Exchange.Trading;

/// <summary>Where the feed is, for clients that ask.</summary>
/// <param name="Group">Multicast group and port.</param>
/// <param name="Recovery">Where what was missed is fetched; the address that was given to listen on, so it may stand for any.</param>
/// <param name="Session">Its name there: others may use the same group and port.</param>
internal sealed record FeedLocation(IPEndPoint Group, IPEndPoint Recovery, string Session);
