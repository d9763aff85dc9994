using System.Diagnostics;

namespace Starling.Apps.LogReport.Running;

/// <summary>A worker in a process of its own: this very program, told where to ask for pieces. It ends by itself when the connection does.</summary>
internal static class WorkerProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="System.ComponentModel.Win32Exception">The process cannot be started.</exception>
    public static Process Start(string address)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("It is not known where this program is.");
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

        // What goes to standard output is the report's; a worker has nothing to read either.
        var start = new ProcessStartInfo(program, [.. self, "apps", "logreport", "--worker", "--connect", address])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    /// <summary>Waits until the process has ended. When the run stops, it is given some time to end by itself, and is then killed.</summary>
    public static async Task WaitAsync(Process worker, CancellationToken stopping)
    {
        try
        {
            await worker.WaitForExitAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            using var limit = new CancellationTokenSource(Patience);
            try
            {
                await worker.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                worker.Kill();
                await worker.WaitForExitAsync(CancellationToken.None);
            }
        }
    }
}
