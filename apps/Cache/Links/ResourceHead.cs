namespace Starling.Apps.Cache.Links;

/// <summary>What a source said before the body.</summary>
/// <param name="Url">What was asked for.</param>
/// <param name="FinalUrl">Where the redirects led.</param>
/// <param name="Status">The status line, without its end.</param>
/// <param name="Length">How long the body will be, if the source says so.</param>
/// <param name="Headers">The headers of interest.</param>
internal sealed record ResourceHead(string Url, string FinalUrl, string Status, long? Length, IReadOnlyList<HeaderField> Headers)
{
    public string ContentType() => Find("Content-Type") ?? "application/octet-stream";

    public string? Find(string name) => Headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;
}
