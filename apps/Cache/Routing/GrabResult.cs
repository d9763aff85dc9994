using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Routing;

/// <summary>The answer to a grab.</summary>
/// <param name="Entry">What is kept.</param>
/// <param name="IsHit">Whether it was kept before.</param>
internal sealed record GrabResult(Entry Entry, bool IsHit);
