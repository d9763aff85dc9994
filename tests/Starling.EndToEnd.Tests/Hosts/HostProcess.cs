using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Starling.EndToEnd.Tests.Hosts;

/// <summary><c>starling</c> as a process of its own. Ended, by its id, when the test is over.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private readonly Process _process;

    private readonly string? _temporaryFolder;

    private HostProcess(Process process, string? temporaryFolder)
    {
        _process = process;
        _temporaryFolder = temporaryFolder;
    }

    public string Url { get; private set; } = "";

    /// <summary>Starts <c>starling serve</c> and waits until it listens.</summary>
    /// <param name="url">Where to listen.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="data">The data folder; one that goes with the process when nothing is said.</param>
    /// <param name="settings">Settings, given as environment variables.</param>
    public static async Task<HostProcess> ServeAsync(
        string url, CancellationToken cancellationToken, string? data = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var temporary = data is null ? Directory.CreateTempSubdirectory("starling-").FullName : null;
        var host = new HostProcess(Start(["serve", "--urls", url, "--data", data ?? temporary!], settings), temporary);
        var seen = new List<string>();
        while (await host._process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            seen.Add(line);
            if (ListeningLine().Match(line) is { Success: true } match)
            {
                host.Url = match.Groups[1].Value;
                _ = host._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                _ = host._process.StandardError.ReadToEndAsync(CancellationToken.None);
                return host;
            }
        }

        throw new InvalidOperationException(
            "The host ended: " + string.Join('\n', seen) + await host._process.StandardError.ReadToEndAsync(cancellationToken));
    }

    /// <summary>Runs <c>starling</c> to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="prefix">A program, with its arguments, that runs it.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string[] arguments, CancellationToken cancellationToken, string input = "", string[]? prefix = null)
    {
        using var process = Start(arguments, prefix: prefix);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Sends SIGTERM, as a process manager does.</summary>
    public Task TerminateAsync(CancellationToken cancellationToken) => SignalAsync("TERM", cancellationToken);

    /// <summary>Sends a signal.</summary>
    /// <param name="signal">Its name without "SIG".</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits for the end of the process and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(limit, cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        if (_temporaryFolder is { } folder)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Ends the process at once, as a power failure would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    private static Process Start(string[] arguments, IReadOnlyDictionary<string, string>? settings = null, string[]? prefix = null)
    {
        string[] command = [.. prefix ?? [], "dotnet", Repository.Host, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment["STARLING_" + name] = value;
        }

        return Process.Start(start)!;
    }

    [GeneratedRegex(@"Listening on (https?://\S+?)(,|$)")]
    private static partial Regex ListeningLine();
}
