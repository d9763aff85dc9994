namespace Starling.Apps.Cache.Links;

/// <summary>A header of an answer.</summary>
internal sealed record HeaderField(string Name, string Value);
