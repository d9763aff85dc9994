namespace Starling.Server.Sessions;

/// <summary>Whether a handshake is allowed, and what a refused client is told.</summary>
/// <param name="IsAllowed">Whether the session may open.</param>
/// <param name="Message">For a refusal, the message in the answer; null for "Forbidden".</param>
public readonly record struct HandshakeDecision(bool IsAllowed, string? Message = null)
{
    /// <summary>The session may open.</summary>
    public static HandshakeDecision Allow { get; } = new(true);

    /// <summary>The client gets status 403 and a message.</summary>
    /// <param name="message">What to tell it; null for "Forbidden".</param>
    /// <returns>A refusal.</returns>
    public static HandshakeDecision Refuse(string? message = null) => new(false, message);
}
