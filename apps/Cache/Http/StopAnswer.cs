namespace Starling.Apps.Cache.Http;

/// <summary>The cache ends.</summary>
internal sealed record StopAnswer(bool Stopping);
