using System.Diagnostics;
using System.Globalization;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.LogReport;

/// <summary><c>starling apps logreport</c> as a process that is looked at while it runs, by what Linux says of it. Ended when the test is over.</summary>
internal sealed class LogReportProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    public LogReportProcess(params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo("dotnet", [Repository.Host, "apps", "logreport", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>Exit code, both outputs, and the most memory that it held, in bytes, as far as it was seen.</returns>
    public async Task<(int ExitCode, string Output, string Error, long Peak)> WaitAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var peak = 0L;
        while (!_process.HasExited)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, "The report takes too long.");
            peak = Math.Max(peak, PeakNow());
            await Task.Delay(20);
        }

        return (_process.ExitCode, await _output, await _error, peak);
    }

    /// <summary>Stops a worker process while it reads the file, and kills it there.</summary>
    public async Task KillWorkerWhileItReadsAsync(string path)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Limit;)
        {
            Assert.False(_process.HasExited, "The report was done before a worker could be killed.");
            foreach (var worker in Workers())
            {
                await SignalAsync("-STOP", worker);
                if (HasOpen(worker, path))
                {
                    await SignalAsync("-KILL", worker);
                    return;
                }

                await SignalAsync("-CONT", worker);
            }
        }

        Assert.Fail("No worker was seen to read the log.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private long PeakNow()
    {
        try
        {
            return File.ReadLines($"/proc/{_process.Id}/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024).FirstOrDefault();
        }
        catch (IOException)
        {
            // It has just ended.
            return 0;
        }
    }

    private int[] Workers() =>
        [.. File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Concat(Directory.GetDirectories($"/proc/{_process.Id}/task").SelectMany(ChildrenOfThread))
            .Distinct().Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    private static string[] ChildrenOfThread(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            // The thread has just ended.
            return [];
        }
    }

    private static bool HasOpen(int process, string path)
    {
        try
        {
            return Directory.GetFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == path);
        }
        catch (IOException)
        {
            // The process has just ended.
            return false;
        }
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [signal, process.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync();
    }
}
