namespace Starling.Apps.Editor.Export;

/// <summary>How a format begins and ends in some notation.</summary>
internal sealed record Mark(string Open, string Close);
