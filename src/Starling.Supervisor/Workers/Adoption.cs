using System.Globalization;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Starling.Supervisor.Keeping;
using Starling.Supervisor.Sockets;
using Starling.Supervisor.Spawning;
using Starling.Supervisor.State;

namespace Starling.Supervisor.Workers;

/// <summary>
/// Takes over what a former supervisor left: its listening sockets, its workers with their output and channels. Workers that ended meanwhile are started again;
/// processes that nobody knows are ended. One object for the start of a supervisor.
/// </summary>
internal sealed class Adoption(WorkerServices services, SharedSockets sockets, GroupTable groups, IDescriptorStore store, Func<int> nextId)
{
    /// <summary>Time that a process which nobody knows gets to end: it may be an old one that finishes after a reload.</summary>
    private static readonly TimeSpan StrayPatience = TimeSpan.FromSeconds(5);

    private readonly HashSet<long> _adopted = [];

    public async Task RunAsync(IDictionary<string, SafeFileHandle> kept, ExitNews exits, Action<int> setNextId, CancellationToken cancellationToken)
    {
        sockets.Adopt(kept);
        if (await ReadStateAsync() is { } state)
        {
            services.Launcher.LastNumber = state.LastNumber;
            setNextId(state.NextId);
            var pending = new List<Worker>();
            foreach (var group in state.Groups)
            {
                pending.AddRange(await RestoreAsync(group, kept, exits, cancellationToken));
            }

            _ = Task.WhenAll(pending.Select(worker => worker.StartAsync(CancellationToken.None)));
        }

        await sockets.CloseUnusedAsync();
        foreach (var (name, handle) in kept)
        {
            handle.Dispose();
            await store.RemoveAsync(name);
        }

        _ = EndStraysAsync();
    }

    private async Task<SupervisorState?> ReadStateAsync()
    {
        try
        {
            return await StateFile.ReadAsync(services.Folder.StateFile);
        }
        catch (JsonException exception)
        {
            services.Log.StateNotRead(exception.Message);
            return null;
        }
    }

    /// <returns>Workers that ought to run and do not.</returns>
    private async Task<List<Worker>> RestoreAsync(GroupState state, IDictionary<string, SafeFileHandle> kept, ExitNews exits, CancellationToken cancellationToken)
    {
        var (group, _) = groups.GetOrAdd(state.Record.Config.Name, () => new WorkerGroup(state.Record, services, sockets, nextId));
        var restored = state.Workers.Select(worker => (State: worker, Worker: Worker.Restore(group, services, worker))).ToArray();
        await group.RestoreAsync([.. restored.Select(item => item.Worker)], cancellationToken);
        var pending = new List<Worker>();
        foreach (var (saved, worker) in restored)
        {
            if (saved.Process is { } record && await TryAdoptAsync(worker, record, kept, exits))
            {
                _adopted.Add(record.Number);
                services.Log.WorkerAdopted(group.Config.Name, worker.Id, record.Pid);
            }
            else if (saved.Status is not (WorkerStatus.Stopped or WorkerStatus.Errored))
            {
                pending.Add(worker);
            }
        }

        return pending;
    }

    private async Task<bool> TryAdoptAsync(Worker worker, WorkerProcessRecord record, IDictionary<string, SafeFileHandle> kept, ExitNews exits)
    {
        if (ProcessTree.StartTicks(record.Pid) != record.StartTicks)
        {
            return false;
        }

        if (WorkerLinks.Adopt(store, record.Number, services.Folder.Run, kept) is not { } links)
        {
            // Nobody would read what it writes, and it would stop at the first full pipe.
            await ProcessTree.KillAsync(record.Pid, isCollected: false);
            return false;
        }

        var process = new AdoptedProcess(record.Pid, record.StartTicks, services.Time);
        exits.Listen(record.Pid, process.OnExited);
        worker.Adopt(services.Launcher.Adopt(worker.Group.StartOf(worker), process, record, links));
        return true;
    }

    private async Task EndStraysAsync()
    {
        var strays = FindStrays();
        if (strays.Count == 0)
        {
            return;
        }

        await Task.Delay(StrayPatience, services.Time);
        foreach (var (pid, ticks) in strays)
        {
            if (ProcessTree.StartTicks(pid) == ticks)
            {
                services.Log.StrayEnded(pid, await ProcessTree.KillAsync(pid, isCollected: false));
            }
        }
    }

    private List<(int Pid, long Ticks)> FindStrays()
    {
        var strays = new List<(int Pid, long Ticks)>();
        var mark = $"{SupervisorFolder.WorkerVariable}={services.Folder.Path}#";
        foreach (var pid in OperatingSystem.IsLinux() ? ProcessStatus.Ids() : [])
        {
            if (ProcessTree.Variables(pid).FirstOrDefault(variable => variable.StartsWith(mark, StringComparison.Ordinal)) is { } variable
                && long.TryParse(variable.AsSpan(mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && !_adopted.Contains(number)
                && number <= services.Launcher.LastNumber
                && ProcessTree.StartTicks(pid) is { } ticks)
            {
                strays.Add((pid, ticks));
            }
        }

        return strays;
    }
}
