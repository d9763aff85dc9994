using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

/// <summary>A supervisor within the test, with a folder that goes with it.</summary>
internal sealed class TestSupervisor : IAsyncDisposable
{
    private TestSupervisor(LocalSupervisor supervisor, string folder) => (Supervisor, Folder) = (supervisor, folder);

    public LocalSupervisor Supervisor { get; }

    public string Folder { get; }

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<TestSupervisor> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("starling-sup-").FullName;
        var options = new SupervisorOptions { Folder = Path.Combine(folder, "home"), MonitorInterval = TimeSpan.FromMilliseconds(100) };
        return new TestSupervisor(await LocalSupervisor.StartAsync(options, Cancelled), folder);
    }

    /// <summary>Writes a script of the shell and says how to run it.</summary>
    public AppConfig Script(string name, string text, string interpreter = "/bin/sh")
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return new AppConfig { Name = name, Script = path, Interpreter = interpreter, Cwd = Folder };
    }

    public Task<IReadOnlyList<WorkerInfo>> StartAsync(params AppConfig[] apps) => Supervisor.StartAsync([.. apps.Select(Record)], Cancelled);

    public async Task<WorkerInfo> WaitAsync(string name, Func<WorkerInfo, bool> condition, string wanted)
    {
        WorkerInfo? seen = null;
        for (var i = 0; i < 1500; i++)
        {
            seen = (await Supervisor.ListAsync(Cancelled)).FirstOrDefault(worker => worker.Name == name);
            if (seen is not null && condition(seen))
            {
                return seen;
            }

            await Task.Delay(20, Cancelled);
        }

        throw new TimeoutException($"{name} is not {wanted}: {seen}");
    }

    /// <summary>Asks over new connections, one after the other, until it is to stop, and returns the different answers.</summary>
    public static async Task<HashSet<string>> LoadAsync(Uri url, CancellationToken stop)
    {
        var answers = new HashSet<string>();
        while (!stop.IsCancellationRequested)
        {
            using var client = new HttpClient();
            answers.Add(await client.GetStringAsync(url, CancellationToken.None));
        }

        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        await Supervisor.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static WorkerGroupRecord Record(AppConfig config) =>
        new(config, new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! }, null);
}
