namespace Starling.Apps.Watcher.Access;

/// <summary>What the sign-in form sends.</summary>
internal sealed record SignInRequest(string? Password);
