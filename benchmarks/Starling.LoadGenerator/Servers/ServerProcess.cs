using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Starling.LoadGenerator.Linux;

namespace Starling.LoadGenerator.Servers;

/// <summary>
/// The server under test as a child process: started, waited for until it says where it listens, ended by its id.
/// Whoever creates one disposes of it; if this process dies first, the closed stdin ends the server.
/// </summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private ServerProcess(Process process, int port, int id) => (_process, Port, Id) = (process, port, id);

    public int Port { get; }

    /// <summary>Process id as the server itself gives it, in case the command is a wrapper.</summary>
    public int Id { get; }

    /// <param name="command">Program and arguments, parted by blanks.</param>
    /// <param name="cancellationToken">Ends the waiting, and the server with it.</param>
    /// <exception cref="LoadException">The server ended, said something else, or took too long.</exception>
    public static async Task<ServerProcess> StartAsync(string command, CancellationToken cancellationToken)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            throw new LoadException("The command of the server is empty.");
        }

        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["NODE_ENV"] = "production";
        start.Environment["EXIT_WITH_STDIN"] = "1";
        var process = Launch(start);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(StartLimit, cancellationToken);
            var (port, id) = Parse(line, command);
            return new ServerProcess(process, port, id);
        }
        catch (TimeoutException)
        {
            End(process);
            throw new LoadException($"'{command}' did not say that it listens within {StartLimit.TotalSeconds} s.");
        }
        catch
        {
            End(process);
            throw;
        }
    }

    public double CpuSeconds => ProcessStatistics.CpuSeconds(Id);

    public void Dispose() => End(_process);

    private static (int Port, int Id) Parse(string? line, string command) =>
        line?.Split(' ') is ["listening", var port, var id]
            && int.TryParse(port, CultureInfo.InvariantCulture, out var portNumber)
            && int.TryParse(id, CultureInfo.InvariantCulture, out var idNumber)
            ? (portNumber, idNumber)
            : throw new LoadException($"'{command}' should have printed 'listening PORT PID', but " + (line is null ? "ended." : $"printed '{line}'."));

    private static Process Launch(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new LoadException($"'{start.FileName}' cannot be started: {failure.Message}");
        }
    }

    private static void End(Process process)
    {
        using (process)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }
        }
    }
}
