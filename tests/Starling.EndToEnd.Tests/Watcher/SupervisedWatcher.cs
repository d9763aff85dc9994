using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Watcher;

/// <summary>The watcher's process file, on free ports, under a supervisor with a folder of its own; all of it is gone when the test is over.</summary>
internal sealed class SupervisedWatcher : IAsyncDisposable
{
    public const string Password = "correct horse";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("starling-w-").FullName;
    private readonly int _visitorPort = FreePort();
    private readonly int _adminPort = FreePort();

    private SupervisedWatcher()
    {
    }

    public string VisitorUrl => $"http://127.0.0.1:{_visitorPort}/";

    public string AdminUrl => $"http://127.0.0.1:{_adminPort}/";

    private string Home => Path.Combine(_folder, "home");

    public static async Task<SupervisedWatcher> StartAsync()
    {
        var watcher = new SupervisedWatcher();
        try
        {
            var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "apps", "Watcher", "process.json"));
            var file = Path.Combine(watcher._folder, "process.json");
            await File.WriteAllTextAsync(file, text
                .Replace(":8090\"", $":{watcher._visitorPort}\"", StringComparison.Ordinal)
                .Replace(":8091\"", $":{watcher._adminPort}\"", StringComparison.Ordinal));
            await watcher.RunAsync("start", file);
            return watcher;
        }
        catch
        {
            await watcher.DisposeAsync();
            throw;
        }
    }

    /// <summary>Process ids of an application's processes that are online.</summary>
    public async Task<int[]> PidsAsync(string app)
    {
        using var list = JsonDocument.Parse(await RunAsync("list", "--json"));
        return
        [
            .. list.RootElement.EnumerateArray()
                .Where(worker => worker.GetProperty("name").GetString() == app && worker.GetProperty("status").GetString() == "online")
                .Select(worker => worker.GetProperty("pid").GetInt32()),
        ];
    }

    /// <summary>Ends one of its processes as a power failure would.</summary>
    public static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    /// <summary>Runs a command of <c>starling</c> for its supervisor and returns what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var program = Path.ChangeExtension(Repository.Host, null);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        start.Environment["STARLING_HOME"] = Home;
        start.Environment["STARLING_Data"] = Path.Combine(_folder, "data");
        start.Environment["WATCHER_PASSWORD"] = Password;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"starling {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}{await output}");
    }

    /// <summary>Ends everything and checks that nothing is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(Home))
        {
            await RunAsync("kill");
            var left = Ours();
            for (var i = 0; i < 300 && left.Length > 0; i++)
            {
                await Task.Delay(100);
                left = Ours();
            }

            Array.ForEach(left, Kill);
            Assert.Empty(left);
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Processes that were started for this folder, whoever started them.</summary>
    private int[] Ours() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(path => int.TryParse(Path.GetFileName(path), out _) && IsOurs(path))
            .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)),
    ];

    private bool IsOurs(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(path, "environ")).Contains($"STARLING_HOME={Home}\0", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is another user's.
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
