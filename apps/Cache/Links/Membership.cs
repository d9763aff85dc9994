namespace Starling.Apps.Cache.Links;

/// <summary>A service's answer to main's invitation.</summary>
/// <param name="Proof">Shows that it knows the key.</param>
/// <param name="Runs">What it is, for people: a thread's name or a process's number.</param>
internal sealed record Membership(string Proof, string Runs);
