namespace Starling.Apps.Cache.Links;

/// <summary>A service's answer to the question who it is.</summary>
/// <param name="Role">What it does.</param>
/// <param name="Name">Its name, unique among the services of main.</param>
/// <param name="Runs">What it is, for people: a thread's name or a process's number.</param>
/// <param name="IsAttached">Whether main started it.</param>
/// <param name="Nonce">The service's part of what both proofs are bound to, never used before.</param>
/// <param name="Proof">Shows that it knows the key.</param>
internal sealed record Introduction(string Role, string Name, string Runs, bool IsAttached, string Nonce, string Proof)
{
    public const int MaxName = 128;

    /// <summary>Whether a name can be shown as it is.</summary>
    public static bool IsName(string? text) => text is { Length: > 0 and <= MaxName } && !text.Any(char.IsControl);
}
