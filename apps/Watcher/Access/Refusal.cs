namespace Starling.Apps.Watcher.Access;

/// <summary>Why something was refused, for people.</summary>
internal sealed record Refusal(string Title);
