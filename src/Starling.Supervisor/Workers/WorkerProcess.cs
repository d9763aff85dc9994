using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Starling.Messaging.NodeIpc;
using Starling.Messaging.NodeIpc.Cluster;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;
using Starling.Supervisor.Routing;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>
/// One process of a worker, from its start to its end. Owner: <see cref="Worker"/>. It knows what the process said (ready, drained, messages) and how to
/// ask it to stop; what follows from its end is decided by the worker.
/// </summary>
internal sealed class WorkerProcess
{
    /// <summary>Time for the last words of a process that has ended, whose output others may still hold.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    /// <summary>Time for connections that are on their way to it when it is stopped.</summary>
    private static readonly TimeSpan Underway = TimeSpan.FromSeconds(1);

    private readonly ISystemProcess _process;
    private readonly WorkerLinks _links;
    private readonly TimeProvider _time;
    private readonly Action<WorkerProcess, JsonElement> _onMessage;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ClusterWorker? _cluster;
    private readonly RouteQueue _routed;
    private readonly WorkerLog _log;
    private readonly Task _output;
    private (int Finished, int Cut)? _drained;

    public WorkerProcess(ISystemProcess process, WorkerProcessRecord record, WorkerLinks links, TimeProvider time, WorkerStart start)
    {
        start.Log.Pid = process.Id;
        _log = start.Log;
        (_process, Record, _links, _time, _onMessage) = (process, record, links, time, start.OnMessage);
        _output = Task.WhenAll(OutputPump.RunAsync(links.Output, start.Log, LogStream.Out), OutputPump.RunAsync(links.Error, start.Log, LogStream.Error));
        Handed = new HandedCount(process.Id, time);
        _routed = new RouteQueue(links.Channel, () => start.OnSlow(this));
        _cluster = start.Cluster?.Attach(links.Channel, (int)record.Number);
        if (_cluster is not null)
        {
            _cluster.Listening += address =>
            {
                _ready.TrySetResult();
                start.OnListening(this, $"{address.Host ?? "*"}:{address.Port}");
            };
        }

        _ = links.Notify.ReceiveAsync(OnNotified);
        _ = ReceiveAsync(links.Channel);
        Ended = EndAsync();
    }

    /// <summary>What another supervisor has to know to adopt it.</summary>
    public WorkerProcessRecord Record { get; }

    public int Id => _process.Id;

    /// <summary>Completes when the process has ended and what it wrote is in its log.</summary>
    public Task<ExitStatus> Ended { get; }

    /// <summary>Completes when the process said that it is ready, or, as a worker of Node's cluster, listens.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Whether it was told to stop, so that its end is no surprise.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>Whether another process has taken its place.</summary>
    public bool IsReplaced { get; set; }

    /// <summary>The connections that it was handed.</summary>
    public HandedCount Handed { get; }

    /// <summary>What it said last on its standard error; null when it said nothing.</summary>
    public string? LastError => _log.LastError;

    public bool IsConnected => _links.Channel.IsConnected;

    public Task SendAsync(JsonElement message, CancellationToken cancellationToken) => _links.Channel.SendAsync(message, cancellationToken);

    /// <summary>Sends a message of another application, JSON, without waiting; a process that does not keep up loses the oldest.</summary>
    public void Route(ReadOnlyMemory<byte> message) => _routed.Add(message);

    /// <summary>Hands it a connection, of which it gets a descriptor of its own.</summary>
    /// <param name="connection">The connection, of which nothing has been read.</param>
    /// <param name="number">At which of the application's addresses it was accepted.</param>
    /// <returns>False if it is about to stop and takes no more.</returns>
    /// <exception cref="NodeChannelException">Its channel is closed.</exception>
    public async Task<bool> TryHandAsync(Socket connection, int number)
    {
        if (!Handed.TryBegin())
        {
            return false;
        }

        try
        {
            await _links.Channel.SendAsync(new HandedConnection(number), connection);
            return true;
        }
        catch
        {
            Handed.Undo();
            throw;
        }
    }

    public bool Signal(int signal) => _process.Signal(signal);

    /// <summary>Marks it ready by what is known of it from elsewhere.</summary>
    public void SetReady() => _ready.TrySetResult();

    /// <summary>
    /// Stops it: asks by message and signal, waits until it has finished what it began, and ends it and its descendants by force when it takes too long.
    /// </summary>
    public async Task<DrainReport> StopAsync(AppConfig config)
    {
        IsStopping = true;
        var start = _time.GetTimestamp();
        var wasKilled = false;
        await Task.WhenAny(Handed.CloseAsync(), _process.Exited, Task.Delay(Underway, _time));
        if (!await AskAsync(config))
        {
            wasKilled = true;
            await _process.KillTreeAsync();
        }
        else if (config.TreeKill)
        {
            await _process.KillTreeAsync();
        }

        await Ended;
        return new DrainReport(_drained?.Finished, _drained?.Cut, wasKilled, _time.GetElapsedTime(start));
    }

    /// <summary>Reads no more of what it writes; the rest waits for the next supervisor. Done when what was read is on its way to the log.</summary>
    public async Task LeaveAsync()
    {
        await _links.Output.DisposeAsync();
        await _links.Error.DisposeAsync();
        await _output;
    }

    /// <summary>Ends what it left behind when it ended.</summary>
    public Task KillRestAsync() => _process.KillTreeAsync();

    /// <summary>Ends it and its descendants at once.</summary>
    public async Task KillAsync()
    {
        IsStopping = true;
        await _process.KillTreeAsync();
        await Ended;
    }

    private async Task<bool> AskAsync(AppConfig config)
    {
        // A worker of Node's cluster closes its servers and ends by itself when its last connection has; the signal would cut them.
        if (_cluster is not null && await TryDisconnectAsync(_cluster))
        {
            if (await EndsWithinAsync(config.KillTimeout))
            {
                return true;
            }
        }

        if (config.ShutdownWithMessage && await TrySendShutdownAsync())
        {
            if (await EndsWithinAsync(config.KillTimeout))
            {
                return true;
            }
        }

        _process.Signal(Signals.Parse(config.KillSignal));
        return await EndsWithinAsync(config.KillTimeout);
    }

    private static async Task<bool> TryDisconnectAsync(ClusterWorker cluster)
    {
        try
        {
            await cluster.DisconnectAsync();
            return true;
        }
        catch (NodeChannelException)
        {
            return false;
        }
    }

    private async Task<bool> TrySendShutdownAsync()
    {
        try
        {
            await _links.Channel.SendUtf8Async("\"shutdown\""u8.ToArray());
            return true;
        }
        catch (NodeChannelException)
        {
            return false;
        }
    }

    private async Task<bool> EndsWithinAsync(TimeSpan limit)
    {
        try
        {
            await _process.Exited.WaitAsync(limit, _time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<ExitStatus> EndAsync()
    {
        var status = await _process.Exited;
        await Task.WhenAny(_output, Task.Delay(LastWords, _time));
        await _links.DisposeAsync();
        await _output;
        await _log.DisposeAsync();
        return status;
    }

    private void OnNotified(string name, string value)
    {
        switch (name)
        {
            case "READY" when value == "1":
                _ready.TrySetResult();
                break;
            case "X_STARLING_DRAIN":
                OnDrained(value);
                break;
            default:
                break;
        }
    }

    /// <summary>Reads <c>finished=N cut=M</c>.</summary>
    private void OnDrained(string value)
    {
        var counts = value.Split(' ').Select(part => part.Split('=')).Where(part => part.Length == 2).ToDictionary(part => part[0], part => part[1]);
        if (counts.TryGetValue("finished", out var finished) && counts.TryGetValue("cut", out var cut))
        {
            _drained = (int.Parse(finished, CultureInfo.InvariantCulture), int.Parse(cut, CultureInfo.InvariantCulture));
        }
    }

    private async Task ReceiveAsync(NodeChannel channel)
    {
        channel.Start();
        await foreach (var message in channel.Messages.ReadAllAsync())
        {
            message.Handle?.Dispose();
            if (Handed.TryReport(message.Body))
            {
                continue;
            }

            if (message.Is("ready"))
            {
                _ready.TrySetResult();
            }

            _onMessage(this, message.Body);
        }
    }
}
