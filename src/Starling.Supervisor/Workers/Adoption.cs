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
internal sealed class Adoption(WorkerServices services, SharedSockets sockets, GroupTable groups, IDescriptorStore store, Func<int> nextId, string? note)
{
    private readonly HashSet<long> _adopted = [];

    public async Task RunAsync(IDictionary<string, SafeFileHandle> kept, ExitNews exits, Action<int> setNextId, CancellationToken cancellationToken)
    {
        sockets.Adopt(kept);
        var pending = new List<Worker>();
        if (await ReadStateAsync() is { } state)
        {
            services.Launcher.LastNumber = Math.Max(state.LastNumber, LastNumberOf(kept.Keys));
            setNextId(state.NextId);
            services.Callers.Spare(state.Spared ?? []);
            foreach (var group in state.Groups)
            {
                pending.AddRange(await TryRestoreAsync(group, kept, exits, cancellationToken));
            }
        }

        services.Adopted.SetResult();
        exits.Complete();

        // Before anything is started, which gets a higher number.
        var strays = new Strays(services, _adopted, services.Launcher.LastNumber);
        strays.Find();
        Task.WhenAll(pending.Select(worker => worker.StartAsync(CancellationToken.None))).Observe(services.Log, "The start of workers");
        await sockets.CloseUnusedAsync();
        foreach (var (name, handle) in kept)
        {
            handle.Dispose();
            await store.RemoveAsync(name);
        }

        strays.EndAsync().Observe(services.Log, "The end of strays");
    }

    /// <summary>The last number that the keeper knows of; the state may be older.</summary>
    private static long LastNumberOf(IEnumerable<string> kept) => kept.Select(name => name.Split(':'))
        .Select(parts => parts is ["worker", var number, _] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0)
        .DefaultIfEmpty().Max();

    /// <summary>An application that cannot be restored must not keep the supervisor from being there for the others.</summary>
    private async Task<List<Worker>> TryRestoreAsync(GroupState? state, IDictionary<string, SafeFileHandle> kept, ExitNews exits, CancellationToken cancellationToken)
    {
        try
        {
            return await RestoreAsync(state!, kept, exits, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            services.Log.GroupNotRestored(state?.Record?.Config?.Name ?? "An application", exception.Message);
            return [];
        }
    }

    private async Task<SupervisorState?> ReadStateAsync()
    {
        try
        {
            var state = note is not null ? JsonSerializer.Deserialize(note, StateJson.Default.SupervisorState) : await StateFile.ReadAsync(services.Folder.StateFile);
            return state is null or { Groups: not null } ? state : throw new JsonException("It has no groups.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            services.Log.StateNotRead(exception.Message);
            PutAside();
            return null;
        }
    }

    /// <summary>The next state is written to the same path.</summary>
    private void PutAside()
    {
        try
        {
            File.Move(services.Folder.StateFile, services.Folder.StateFile + ".unreadable", overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is not a file, or may not be moved.
        }
    }

    /// <returns>Workers that ought to run and do not.</returns>
    private async Task<List<Worker>> RestoreAsync(GroupState state, IDictionary<string, SafeFileHandle> kept, ExitNews exits, CancellationToken cancellationToken)
    {
        var (group, _) = groups.GetOrAdd(state.Record.Config.Name, () => new WorkerGroup(state.Record, services, sockets, nextId));
        var restored = state.Workers.Select(worker => (State: worker, Worker: Worker.Restore(group, services, worker))).ToArray();
        try
        {
            await group.RestoreAsync([.. restored.Select(item => item.Worker)], cancellationToken);
        }
        catch (SupervisorException exception)
        {
            // An address that is in use by now. Its workers are there, and are told of when they are started next.
            services.Log.GroupNotRestored(group.Config.Name, exception.Message);
        }

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

        var start = worker.Group.StartOf(worker);
        var config = start.Config;
        if (WorkerLinks.Adopt(
            store, record.Number, () => NotifySocket.Open(() => record.Notify ?? services.Places.NotifyOf(config.User, record.Number), config.User, config.Group), kept) is not { } links)
        {
            // Nothing would read what it writes, and it would stop at the first full pipe.
            await start.Log.DisposeAsync();
            await TreeEnd.KillAsync(new ProcessTree(record.Pid, record.StartTicks, start.Mark(record.Number)));
            return false;
        }

        var process = new AdoptedProcess(record.Pid, record.StartTicks, services.Time, services.Log);
        exits.Listen(record.Pid, record.StartTicks, process.OnExited);
        worker.Adopt(services.Launcher.Adopt(start, process, record, links));
        return true;
    }
}
