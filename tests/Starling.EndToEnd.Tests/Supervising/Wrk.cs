using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>The load generator <c>wrk</c>, which counts what went wrong.</summary>
internal sealed partial class Wrk(Process process) : IAsyncDisposable
{
    private bool _isDone;

    /// <summary>Starts 16 connections that ask again and again. Skips the test where there is no wrk.</summary>
    public static Wrk Start(Uri url, int seconds)
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "wrk"))),
            "Needs a load generator: the Debian package wrk.");
        return new Wrk(Process.Start(new ProcessStartInfo("wrk", ["-t1", "-c16", $"-d{seconds}s", "--timeout", "20s", url.ToString()]) { RedirectStandardOutput = true })!);
    }

    /// <summary>Ends it now, and gives its counts as <see cref="WaitAsync"/> does.</summary>
    public async Task<(long Requests, int Connect, int Cut, int Bad)> StopAsync()
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await WaitAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Number of requests; number of connections that failed to connect; of those that were cut; of answers that were not 2xx.</returns>
    public async Task<(long Requests, int Connect, int Cut, int Bad)> WaitAsync()
    {
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        _isDone = true;
        process.Dispose();
        var errors = Errors().Match(output);
        var bad = Bad().Match(output);
        return (
            long.Parse(Requests().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            Number(errors, 1),
            Number(errors, 2) + Number(errors, 3) + Number(errors, 4),
            Number(bad, 1));
    }

    /// <summary>Ends it where a test that failed did not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isDone)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private static int Number(Match match, int group) => match.Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex Errors();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Bad();
}
