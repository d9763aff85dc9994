namespace Starling.Server.Sessions;

/// <summary>How a session ends that was sent away.</summary>
/// <param name="Patience">How long what was read is waited for.</param>
/// <param name="Time">The clock.</param>
internal sealed record Leaving(TimeSpan Patience, TimeProvider Time);
