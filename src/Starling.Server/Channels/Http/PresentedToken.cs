using Starling.Server.Channels.Authorization;

namespace Starling.Server.Channels.Http;

/// <summary>What a request presents as an access token.</summary>
/// <param name="Access">What it grants, if it is valid.</param>
/// <param name="Refusal">What is wrong with it, if it is not valid; the application's own authentication may know it all the same.</param>
/// <param name="IsForHub">Whether it is addressed to the hub, so that only the hub can judge it.</param>
internal readonly record struct PresentedToken(ChannelAccess? Access = null, ChannelRefusal? Refusal = null, bool IsForHub = false);
