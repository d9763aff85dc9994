using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Http;

/// <summary>An entry over HTTP.</summary>
internal sealed record EntryAnswer(
    long Number, long Size, string Type, string Url, string FinalUrl, string Status, DateTimeOffset Stored, DateTimeOffset Expires, bool? Hit)
{
    public static EntryAnswer Of(Entry entry, bool? hit = null) => new(
        entry.Number, entry.Size, entry.Head.ContentType(), entry.Head.Url, entry.Head.FinalUrl, entry.Head.Status, entry.Stored, entry.Expires, hit);
}
