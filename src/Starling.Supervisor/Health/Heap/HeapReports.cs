namespace Starling.Supervisor.Health.Heap;

/// <summary>The reports of what a worker's heap grew by, as files in a folder.</summary>
internal static class HeapReports
{
    /// <summary>Removes the oldest, whose names sort first, so that a worker that reaches its limit every hour does not fill the disk.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="prefix">What the names of a worker's reports begin with; the time follows.</param>
    /// <param name="kept">How many stay.</param>
    public static void Keep(string folder, string prefix, int kept)
    {
        foreach (var path in Directory.EnumerateFiles(folder)
            .Where(path => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal))
            .OrderDescending(StringComparer.Ordinal).Skip(kept).ToArray())
        {
            File.Delete(path);
        }
    }
}
