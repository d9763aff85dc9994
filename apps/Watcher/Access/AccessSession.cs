namespace Starling.Apps.Watcher.Access;

/// <summary>A sign-in that lasts.</summary>
/// <param name="TokenHash">Hash of what the browser has.</param>
/// <param name="Expires">When it ends.</param>
internal sealed record AccessSession(string TokenHash, DateTimeOffset Expires);
