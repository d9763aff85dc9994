namespace Starling.Apps.Ticker;

/// <summary>Something that has a price.</summary>
/// <param name="Code">Its code, for example STRL.</param>
/// <param name="Name">Its name.</param>
public sealed record Symbol(string Code, string Name);
