namespace Starling.Apps.Cache.Links;

/// <summary>A resource that is kept.</summary>
/// <param name="Number">Its number, which is never given again.</param>
/// <param name="Size">Bytes of its body.</param>
/// <param name="Stored">When it was kept.</param>
/// <param name="Expires">When it goes.</param>
/// <param name="Head">What its source said.</param>
internal sealed record Entry(long Number, long Size, DateTimeOffset Stored, DateTimeOffset Expires, ResourceHead Head);
