namespace Starling.Documents.ShareDb;

/// <summary>What a request is answered with, apart from what every answer repeats of its request.</summary>
/// <param name="Members">Members of the answer's object as UTF-8 JSON, each with a comma before it.</param>
/// <param name="HasData">Whether <c>data</c> is among them, in which case <c>b</c> is not repeated.</param>
/// <param name="Sent">Done when the answer was sent.</param>
internal readonly record struct Reply(ReadOnlyMemory<byte> Members = default, bool HasData = false, Action? Sent = null);
