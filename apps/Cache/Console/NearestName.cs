namespace Starling.Apps.Cache.Console;

/// <summary>What somebody may have meant.</summary>
internal static class NearestName
{
    private const int MostDifferences = 2;

    /// <summary>The name that differs least, or null when none is near.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        var nearest = known.MinBy(candidate => Distance(candidate, name));
        return nearest is not null && Distance(nearest, name) <= MostDifferences ? nearest : null;
    }

    // How many letters have to be put in, taken out or changed (Levenshtein).
    private static int Distance(string first, string second)
    {
        var row = Enumerable.Range(0, second.Length + 1).ToArray();
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (first[i - 1] == second[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
