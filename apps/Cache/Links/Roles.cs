namespace Starling.Apps.Cache.Links;

/// <summary>What services do.</summary>
internal static class Roles
{
    public const string Main = "main";
    public const string Cache = "cache";
    public const string Fetch = "fetch";
}
