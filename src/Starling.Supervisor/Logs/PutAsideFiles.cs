using System.Globalization;

namespace Starling.Supervisor.Logs;

/// <summary>
/// The files that rotation puts aside beside a log file: <c>api-out.log.20261121-133500.7</c>, with <c>.gz</c> when compressed. The last number grows with
/// each, so their order does not depend on the clock.
/// </summary>
internal static class PutAsideFiles
{
    public const string Compressed = ".gz";

    /// <summary>Those of a log file, oldest first.</summary>
    public static List<(string Path, long Number)> Of(string logFile)
    {
        var folder = Path.GetDirectoryName(logFile)!;
        var prefix = Path.GetFileName(logFile) + ".";
        var found = new List<(string Path, long Number)>();
        if (Directory.Exists(folder))
        {
            foreach (var path in Directory.EnumerateFiles(folder))
            {
                if (NumberOf(Path.GetFileName(path), prefix) is { } number)
                {
                    found.Add((path, number));
                }
            }
        }

        found.Sort((left, right) => left.Number.CompareTo(right.Number));
        return found;
    }

    public static string Name(string logFile, DateTimeOffset time, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{logFile}.{time:yyyyMMdd-HHmmss}.{number}");

    private static long? NumberOf(string name, string prefix)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = name[prefix.Length..].Split('.');
        return (parts.Length == 2 || (parts.Length == 3 && parts[2] == Compressed[1..]))
            && DateTime.TryParseExact(parts[0], "yyyyMMdd-HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
    }
}
