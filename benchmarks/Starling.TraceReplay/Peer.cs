using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Starling.TraceReplay;

/// <summary>The same replay by another program, which prints its result as JSON.</summary>
internal static class Peer
{
    /// <exception cref="TraceException">It failed.</exception>
    public static async Task<ReplayResult> RunAsync(string command, string file, int chunk, int passes, CancellationToken cancellationToken)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] arguments = [.. words[1..], file, chunk.ToString(CultureInfo.InvariantCulture), passes.ToString(CultureInfo.InvariantCulture)];
        using var process = Process.Start(new ProcessStartInfo(words[0], arguments) { RedirectStandardOutput = true })!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? JsonSerializer.Deserialize(output, ResultJson.Default.ReplayResult)!
                : throw new TraceException($"'{command}' ended with exit code {process.ExitCode}.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
