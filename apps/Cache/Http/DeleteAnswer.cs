namespace Starling.Apps.Cache.Http;

/// <summary>How many entries were deleted.</summary>
internal sealed record DeleteAnswer(int Deleted);
