using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests;

/// <summary>Small programs for tests, in the language that every system has.</summary>
internal static class Shell
{
    public static SpawnOptions Script(string script, params string[] arguments) => new()
    {
        FileName = "/bin/sh",
        Arguments = ["-c", script, "sh", .. arguments],
    };

    public static async Task WaitUntilAsync(Func<bool> condition, string wanted, int seconds = 30)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Not seen in {seconds} s: {wanted}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Ids of living processes whose environment has the marker.</summary>
    public static int[] Marked(string marker) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && IsMarked(id, marker)),
    ];

    private static bool IsMarked(int id, string marker)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Contains(marker, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
