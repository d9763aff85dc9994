namespace Starling.Apps.Cache.Http;

/// <summary>A refusal over HTTP.</summary>
/// <param name="Error">For programs.</param>
/// <param name="Message">For people.</param>
internal sealed record ErrorAnswer(string Error, string Message);
