using System.Diagnostics;
using Starling.Messaging;
using Starling.Supervisor;
using Starling.Supervisor.Control;
using Starling.Supervisor.Workers;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>What is there: descriptors of the daemon and its keeper, places and processes.</summary>
internal sealed record ChaosCount(int Daemon, int Keeper)
{
    /// <summary>Descriptors that come and go: connections of commands, sockets that are opened on demand.</summary>
    private const int Slack = 20;

    public static async Task<ChaosCount> TakeAsync(SupervisorHome home)
    {
        await WaitUntilWholeAsync(home);
        return new ChaosCount(Open(home.Processes("daemon").Single()), Open(home.Processes("keeper").Single()));
    }

    /// <summary>What has leaked since; null for nothing.</summary>
    public string? Descriptors(ChaosCount before) =>
        Daemon <= before.Daemon + Slack && Keeper <= before.Keeper + Slack ? null : $"The daemon had {before.Daemon} descriptors and has {Daemon}; the keeper had {before.Keeper} and has {Keeper}.";

    /// <summary>Waits until everything that is to run does, once, and nothing else does.</summary>
    public static async Task WaitUntilWholeAsync(SupervisorHome home)
    {
        string? wrong = null;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(90);)
        {
            wrong = await WrongAsync(home);
            if (wrong is null)
            {
                return;
            }

            await Task.Delay(500, CancellationToken.None);
        }

        Assert.Fail($"{wrong}\n{home.Notes}\n{home.Log}");
    }

    private static async Task<string?> WrongAsync(SupervisorHome home)
    {
        try
        {
            await using var client = await SupervisorClient.TryConnectAsync(new SupervisorFolder(home.Environment["STARLING_HOME"]), CancellationToken.None);
            if (client is null)
            {
                // Both were killed at the same moment; the next command that starts something brings them back.
                await home.RunAsync("start", "chaos.json");
                return "There was no supervisor.";
            }

            // What was stopped by a command is started again, so that every place has to have its process.
            await client.Supervisor.ResumeAsync("all", CancellationToken.None);
            return Wrong(home, await client.Supervisor.ListAsync(CancellationToken.None));
        }
        catch (Exception exception) when (exception is RpcException or ConnectionLostException or TimeoutException or IOException)
        {
            return exception.Message;
        }
    }

    private static string? Wrong(SupervisorHome home, IReadOnlyList<WorkerInfo> workers)
    {
        if (home.Processes("daemon").Length != 1 || home.Processes("keeper").Length != 1)
        {
            return $"There are {home.Processes("daemon").Length} daemons and {home.Processes("keeper").Length} keepers.";
        }

        var places = workers.Select(worker => (Place: $"{worker.Name} {worker.Instance}", worker.Status, Pid: worker.Pid ?? 0)).ToArray();
        if (places.FirstOrDefault(place => place.Status != WorkerStatus.Online || !Directory.Exists($"/proc/{place.Pid}")) is { Place: not null } empty)
        {
            return $"{empty.Place} is {empty.Status}, process {empty.Pid}.";
        }

        // All that belongs to a worker comes of the process that is in its place.
        foreach (var id in home.Processes().Except(home.Processes("daemon")).Except(home.Processes("keeper")))
        {
            var (marks, root) = (Mark(id), Root(id, places.Select(place => place.Pid).ToHashSet()));
            if (marks is not null && root == 0)
            {
                return $"Process {id} ({marks}) has no place: {File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ')}";
            }
        }

        return null;
    }

    private static string? Mark(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Split('\0').FirstOrDefault(variable => variable.StartsWith("STARLING_WORKER=", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int Root(int id, HashSet<int> places)
    {
        for (var depth = 0; id > 1 && depth < 50; depth++)
        {
            if (places.Contains(id))
            {
                return id;
            }

            try
            {
                var stat = File.ReadAllText($"/proc/{id}/stat");
                id = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It has just ended, and is no matter of this look.
                return -1;
            }
        }

        return 0;
    }

    private static int Open(int id) => Directory.EnumerateFileSystemEntries($"/proc/{id}/fd").Count();
}
