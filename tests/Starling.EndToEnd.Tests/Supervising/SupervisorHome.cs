using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Starling.EndToEnd.Tests.Hosts;
using Starling.EndToEnd.Tests.Terminals;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>A supervisor's folder of its own, with applications in it. At the end everything is stopped, and nothing may be left.</summary>
internal sealed class SupervisorHome : IAsyncDisposable
{
    public SupervisorHome()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The supervisor needs posix_spawn.");
        Folder = Directory.CreateTempSubdirectory("starling-e2e-").FullName;
        Environment = new Dictionary<string, string> { ["STARLING_HOME"] = Path.Combine(Folder, "home") };
    }

    public string Folder { get; }

    public Dictionary<string, string> Environment { get; }

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a command of <c>starling</c> to its end.</summary>
    public async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Host, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(3), CancellationToken.None);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command that has to succeed and returns what it printed.</summary>
    public async Task<string> DoAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.True(code == 0, $"starling {string.Join(' ', arguments)} ended with {code}: {output}{error}");
        return output;
    }

    public async Task<JsonElement[]> ListAsync()
    {
        using var document = JsonDocument.Parse(await DoAsync("list", "--json"));
        return [.. document.RootElement.Clone().EnumerateArray()];
    }

    /// <summary>Waits until what runs is as wanted.</summary>
    public async Task<JsonElement[]> WaitAsync(Func<JsonElement[], bool> isWanted, string wanted)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var workers = await ListAsync();
            if (isWanted(workers))
            {
                return workers;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"Not {wanted}: {JsonSerializer.Serialize(workers)}\n{Log}");
            await Task.Delay(100, Cancelled);
        }
    }

    /// <summary>Waits until the daemon has logged something.</summary>
    public async Task WaitForLogAsync(Func<string, bool> isLogged, string wanted)
    {
        for (var start = Stopwatch.GetTimestamp(); !isLogged(Log);)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"No {wanted} in the log:\n{Log}");
            await Task.Delay(20, Cancelled);
        }
    }

    public Task<Terminal> TerminalAsync(params string[] arguments) => Terminal.StarlingAsync(arguments, Environment);

    /// <summary>What the daemon itself logged.</summary>
    public string Log => File.Exists(DaemonLog) ? File.ReadAllText(DaemonLog) : "";

    private string DaemonLog => Path.Combine(Environment["STARLING_HOME"], "daemon.log");

    /// <summary>What the test itself noted, to be compared with the log.</summary>
    public string Notes => File.Exists(NotesFile) ? File.ReadAllText(NotesFile) : "";

    private string NotesFile => Path.Combine(Folder, "notes.log");

    /// <summary>Notes what the test does, with the time.</summary>
    public void Note(string text)
    {
        lock (Environment)
        {
            File.AppendAllText(NotesFile, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {text}\n"));
        }
    }

    /// <summary>Ids of the living processes of this folder: the keeper, the daemon, or workers.</summary>
    public int[] Processes(string? command = null) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && Belongs(id) && (command is null || CommandLine(id).Split('\0').Contains(command))),
    ];

    public async ValueTask DisposeAsync()
    {
        await RunAsync("kill");
        var start = Stopwatch.GetTimestamp();
        while (Processes().Length > 0 && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
        {
            await Task.Delay(50, CancellationToken.None);
        }

        var left = Processes();
        var commands = left.Select(CommandLine).ToArray();
        var log = Log;
        foreach (var id in left)
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }

        Directory.Delete(Folder, recursive: true);
        Assert.True(left.Length == 0, $"Left behind: {string.Join("; ", commands).Replace('\0', ' ')}\n{log}");
    }

    public static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private bool Belongs(int id)
    {
        try
        {
            return id != System.Environment.ProcessId
                && File.ReadAllText($"/proc/{id}/environ").Split('\0').Contains("STARLING_HOME=" + Environment["STARLING_HOME"]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
