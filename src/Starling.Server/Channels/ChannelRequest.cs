namespace Starling.Server.Channels;

/// <summary>The resource that authorisation policies of channels are asked about.</summary>
/// <param name="Action">What the client wants to do.</param>
/// <param name="Topics">The update's topics, or the subscriber's matchers.</param>
public sealed record ChannelRequest(ChannelAction Action, IReadOnlyList<string> Topics);
