using System.Diagnostics;

namespace Starling.Conformance.Tests;

/// <summary>Runs a script of npm/scenarios in Node.js against a server.</summary>
internal static class NodeScenario
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a script to its end; it must end with code 0.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string script, string url, string transports = "")
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        using var process = Process.Start(new ProcessStartInfo("node", [$"scenarios/{script}.mjs", url, transports])
        {
            WorkingDirectory = Folder(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{script} over {transports} ended with {process.ExitCode}:\n{await output}\n{await error}");
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

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Starling.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Starling.slnx was not found.");
        }

        return Path.Combine(folder.FullName, "tests", "Starling.Conformance.Tests", "npm");
    }
}
