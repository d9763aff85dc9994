using System.Globalization;

namespace Starling.Apps.LogReport.Output;

/// <summary>Numbers as people read them.</summary>
internal static class Numbers
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Part(long value, long of) => of == 0 ? "" : ((double)value / of).ToString("0.0%", CultureInfo.InvariantCulture);

    public static string Milliseconds(long microseconds) => (microseconds / 1000.0).ToString("#,0.###", CultureInfo.InvariantCulture) + " ms";

    public static string Bytes(long value)
    {
        var unit = 0;
        double left = value;
        for (; left >= 1000 && unit < Units.Length - 1; unit++)
        {
            left /= 1000;
        }

        return left.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}
