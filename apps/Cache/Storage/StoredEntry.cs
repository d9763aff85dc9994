using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>An entry, and its body if it is small enough to be held in memory.</summary>
internal sealed record StoredEntry(Entry Entry, byte[]? Memory);
