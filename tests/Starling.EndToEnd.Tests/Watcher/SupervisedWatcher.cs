using System.Diagnostics;
using Starling.EndToEnd.Tests.Hosts;
using Starling.EndToEnd.Tests.Supervising;

namespace Starling.EndToEnd.Tests.Watcher;

/// <summary>The watcher's process file, on free ports, under a supervisor with a folder of its own; all of it is gone when the test is over.</summary>
internal sealed class SupervisedWatcher : IAsyncDisposable
{
    public const string Password = "correct horse";

    private readonly SupervisorHome _home = new();
    private readonly int _visitorPort = SupervisorHome.FreePort();
    private readonly int _adminPort = SupervisorHome.FreePort();

    private SupervisedWatcher()
    {
        _home.Environment["STARLING_Data"] = Path.Combine(_home.Folder, "data");
        _home.Environment["WATCHER_PASSWORD"] = Password;

        // The process file names the program as a user types it.
        _home.Environment["PATH"] = $"{Path.GetDirectoryName(Repository.Host)}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    public string VisitorUrl => $"http://127.0.0.1:{_visitorPort}/";

    public string AdminUrl => $"http://127.0.0.1:{_adminPort}/";

    public static async Task<SupervisedWatcher> StartAsync()
    {
        var watcher = new SupervisedWatcher();
        try
        {
            var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "apps", "Watcher", "process.json"));
            await watcher.RunAsync("start", watcher._home.Write("process.json", text
                .Replace(":8090\"", $":{watcher._visitorPort}\"", StringComparison.Ordinal)
                .Replace(":8091\"", $":{watcher._adminPort}\"", StringComparison.Ordinal)));
            return watcher;
        }
        catch
        {
            await watcher.DisposeAsync();
            throw;
        }
    }

    /// <summary>Process ids of an application's processes that are online.</summary>
    public async Task<int[]> PidsAsync(string app) =>
    [
        .. (await _home.ListAsync())
            .Where(worker => worker.GetProperty("name").GetString() == app && worker.GetProperty("status").GetString() == "online")
            .Select(worker => worker.GetProperty("pid").GetInt32()),
    ];

    /// <summary>Ends one of its processes as a power failure would.</summary>
    public static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    /// <summary>Runs a command of <c>starling</c> for its supervisor and returns what it printed.</summary>
    public Task<string> RunAsync(params string[] arguments) => _home.DoAsync(arguments);

    public ValueTask DisposeAsync() => _home.DisposeAsync();
}
