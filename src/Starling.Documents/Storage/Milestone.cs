namespace Starling.Documents.Storage;

/// <summary>A version that is kept whole, so that it and what follows it can be had without the operations before it.</summary>
/// <param name="Version">The version.</param>
/// <param name="Time">When its newest operation was committed, in milliseconds since 1970.</param>
/// <param name="Name">What a user called it; null for one that was kept as a matter of course.</param>
public sealed record Milestone(long Version, long Time, string? Name);
