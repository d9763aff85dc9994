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

    public static Task WaitUntilAsync(Func<bool> condition, string wanted, int seconds = 30) => WaitUntilAsync(condition, () => wanted, seconds);

    /// <summary>Waits for the end of all processes with the marker; a failure tells the states of those that live.</summary>
    public static Task WaitUntilGoneAsync(string marker) =>
        WaitUntilAsync(() => Marked(marker).Length == 0, () => "the end of " + string.Join("; ", Marked(marker).Select(id => ReadOrEmpty($"/proc/{id}/stat").Trim())), 30);

    private static async Task WaitUntilAsync(Func<bool> condition, Func<string> wanted, int seconds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"Not seen in {seconds} s: {wanted()}");
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Ids of living processes whose environment has the marker.</summary>
    public static int[] Marked(string marker) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && IsMarked(id, marker)),
    ];

    private static bool IsMarked(int id, string marker) => ReadOrEmpty($"/proc/{id}/environ").Contains(marker, StringComparison.Ordinal);

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
