using System.Globalization;

namespace Starling.Apps.Cache.Console;

/// <summary>Numbers of bytes for people.</summary>
internal static class Size
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    public static string Text(long bytes)
    {
        var unit = 0;
        double value = bytes;
        for (; value >= 1000 && unit < Units.Length - 1; unit++)
        {
            value /= 1000;
        }

        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}
