using System.Diagnostics;

namespace Starling.Conformance.Tests;

/// <summary>Runs a script of the folder npm in Node.js against a server.</summary>
internal static class NodeScenario
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    public static Task<string> RunAsync(string script, string url, string transports = "") =>
        RunScriptAsync([$"scenarios/{script}.mjs", url, transports], []);

    /// <summary>Runs a script to its end, which must be a good one, and returns what it wrote.</summary>
    public static async Task<string> RunScriptAsync(string[] arguments, Dictionary<string, string> environment, TimeSpan? timeLimit = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(timeLimit ?? TimeLimit);
        var start = new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = Folder(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(
                process.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}\n{await error}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <summary>Where the scripts are.</summary>
    public static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Starling.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Starling.slnx was not found.");
        }

        return Path.Combine(folder.FullName, "tests", "Starling.Conformance.Tests", "npm");
    }
}
