using System.Globalization;

namespace Starling.Apps.LogReport.Output;

/// <summary>The percentiles that are reported.</summary>
internal static class Percentiles
{
    public static IReadOnlyList<double> All { get; } = [50, 75, 90, 95, 99, 99.9];

    /// <summary><c>p50</c>, <c>p999</c>.</summary>
    public static string NameOf(double percent) => "p" + percent.ToString(CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal);
}
