namespace Starling.Apps.Cache.Links;

/// <summary>What main tells a service that joins.</summary>
internal sealed record MemberSettings(FetchLimits Fetch, StoreLimits Store);
