using System.Globalization;
using System.Runtime.InteropServices;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Keeping;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>Starts the processes of workers: with their sockets, their channel, the socket of their notifications, and their environment.</summary>
internal sealed class WorkerLauncher(IDescriptorStore store, SupervisorFolder folder, WorkerPlaces places, TimeProvider time)
{
    /// <summary>First descriptor that is passed by systemd's convention.</summary>
    public const int FirstDescriptor = 3;

    /// <summary>A program that follows systemd's convention believes the sockets its own only if LISTEN_PID is its id, which nobody knows before it is there.</summary>
    private const string TellPid = "LISTEN_PID=$$ && export LISTEN_PID && exec \"$@\"";

    private long _lastNumber;

    /// <summary>Number of the last start; set when a former supervisor's state is taken over.</summary>
    public long LastNumber
    {
        get => Volatile.Read(ref _lastNumber);
        set => Volatile.Write(ref _lastNumber, value);
    }

    /// <summary>Starts a process.</summary>
    /// <exception cref="SpawnException">It cannot be started; the message says why.</exception>
    /// <exception cref="IOException">The system lacks something that a start needs.</exception>
    public async Task<WorkerProcess> LaunchAsync(WorkerStart start)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var config = start.Config;
        WorkerLinks? links = null;
        try
        {
            var drainScript = config.ExecMode == ExecMode.Cluster && Interpreters.IsNode(config.Interpreter) ? places.DrainScriptOf(config) : null;
            (links, var ends) = await WorkerLinks.CreateAsync(store, number, () => NotifySocket.Open(() => places.NotifyOf(config.User, number), config.User, config.Group));
            using (ends)
            {
                var child = ProcessSpawner.Spawn(Options(start, links, ends, number, drainScript));
                var record = new WorkerProcessRecord(child.Id, child.StartTicks, number, time.GetUtcNow(), links.Notify.Path, drainScript is not null);
                return start.ToProcess(new SpawnedProcess(child), record, links, time);
            }
        }
        catch
        {
            await (links?.DisposeAsync() ?? default);
            await start.Log.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes over a process that a former supervisor started.</summary>
    public WorkerProcess Adopt(WorkerStart start, AdoptedProcess process, WorkerProcessRecord record, WorkerLinks links) =>
        start.ToProcess(process, record, links, time);

    private SpawnOptions Options(WorkerStart start, WorkerLinks links, WorkerEnds ends, long number, string? drainScript)
    {
        var config = start.Config;
        var descriptors = new Dictionary<int, SafeHandle>();
        foreach (var socket in start.Sockets)
        {
            descriptors[FirstDescriptor + descriptors.Count] = socket.Handle;
        }

        var channel = FirstDescriptor + descriptors.Count;
        descriptors[channel] = ends.Channel;
        string[] command = config.Interpreter is { } interpreter and not AppConfig.NoInterpreter
            ? [interpreter, .. drainScript is null ? (string[])[] : ["--require", drainScript], .. config.InterpreterArgs, config.Script, .. config.Args]
            : [config.Script, .. config.Args];
        if (start.Sockets.Count > 0)
        {
            command = ["/bin/sh", "-c", TellPid, "sh", .. command];
        }

        return new SpawnOptions
        {
            FileName = command[0],
            Arguments = command[1..],
            WorkingDirectory = config.Cwd,
            Environment = Variables(start, links, channel, number),
            Output = StandardStream.Descriptor(ends.Output),
            Error = StandardStream.Descriptor(ends.Error),
            Descriptors = descriptors,
            Detached = true,
            User = config.User,
            Group = config.Group,
        };
    }

    private Dictionary<string, string> Variables(WorkerStart start, WorkerLinks links, int channel, long number)
    {
        var variables = new Dictionary<string, string>(start.Environment)
        {
            ["NODE_CHANNEL_FD"] = channel.ToString(CultureInfo.InvariantCulture),
            ["NODE_CHANNEL_SERIALIZATION_MODE"] = "json",
            ["NOTIFY_SOCKET"] = links.Notify.Path,
            [SupervisorFolder.WorkerVariable] = folder.WorkerMark(number),
        };
        if (start.Sockets.Count > 0)
        {
            variables["STARLING_FDS"] = string.Join(',', Enumerable.Range(FirstDescriptor, start.Sockets.Count));
            variables["LISTEN_FDS"] = start.Sockets.Count.ToString(CultureInfo.InvariantCulture);
        }

        if (start.HandedAddresses.Count > 0)
        {
            variables["STARLING_CONNECTIONS"] = string.Join(',', start.HandedAddresses);
        }

        if (start.Config.ExecMode == ExecMode.Cluster)
        {
            variables["NODE_UNIQUE_ID"] = number.ToString(CultureInfo.InvariantCulture);
        }

        // An application that only ever has one process is alone, and knows it.
        if (start.Config.ExecMode == ExecMode.Cluster || start.Config.Instances != 1 || start.Sockets.Count + start.HandedAddresses.Count > 0)
        {
            variables.TryAdd(SupervisorFolder.ClusterVariable, places.ClusterOf(start.Config));
        }

        return variables;
    }
}
