using System.Globalization;
using System.Text;
using Starling.Apps.Cache.Routing;

namespace Starling.Apps.Cache.Console;

/// <summary>Figures for people.</summary>
internal static class StatisticsText
{
    public static string Of(CacheStatistics figures)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.AppendLine(culture, $"hits {figures.Hits}, misses {figures.Misses}");
        text.AppendLine(
            culture, $"fetched {figures.Fetched}, failed {figures.Failed}, shared {figures.Shared}, under way {figures.Fetching}, waiting {figures.Queued}");
        text.AppendLine(figures.Store is { } store
            ? string.Create(culture, $"entries {store.Entries}, {store.Bytes} bytes, evictions {store.Evictions}, expired {store.Expirations}")
            : "entries unknown: the cache service is away");
        foreach (var service in figures.Services)
        {
            text.Append(culture, $"{service.Name,-10} {service.State,-9} {service.Runs,-16} ");
            text.AppendLine(culture, $"restarts {service.Restarts}, under way {service.UnderWay}, waiting {service.Waiting}");
        }

        return text.ToString().TrimEnd();
    }
}
