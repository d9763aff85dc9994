using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
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
    private readonly NodeDrain _drain;
    private readonly RouteQueue _routed;
    private readonly WorkerLog _log;
    private readonly Task _output;
    private readonly string _mark;
    private readonly Callers _callers;
    private readonly ILogger _logger;
    private readonly string _app;
    private (int Finished, int Cut)? _drained;
    private int _hasDropped;

    public WorkerProcess(ISystemProcess process, WorkerProcessRecord record, WorkerLinks links, TimeProvider time, WorkerStart start)
    {
        start.Log.Pid = process.Id;
        (_log, _mark, _callers, _logger, _app) = (start.Log, start.Mark(record.Number), start.Callers, start.Logger, start.Config.Name);
        (_process, Record, _links, _time, _onMessage) = (process, record, links, time, start.OnMessage);
        _output = Task.WhenAll(OutputPump.RunAsync(links.Output, start.Log, LogStream.Out, _logger), OutputPump.RunAsync(links.Error, start.Log, LogStream.Error, _logger));
        Handed = new HandedCount(process.Id, time);
        _drain = new NodeDrain(time);
        _routed = new RouteQueue(links.Channel, () => start.OnSlow(this));
        _cluster = start.Cluster?.Attach(links.Channel, (int)record.Number);
        if (_cluster is not null)
        {
            _cluster.Listening += address =>
            {
                // As in PM2: one that is to say that it is ready is not ready when it listens.
                _ = !start.Config.WaitReady && _ready.TrySetResult();
                start.OnListening(this, $"{address.Host ?? "*"}:{address.Port}");
            };
        }

        links.OnDropped = OnDropped;
        links.Notify.ReceiveAsync(OnNotified, OnDropped).Observe(_logger, "The reading of notifications");
        ReceiveAsync(links.Channel, start.MayRead).Observe(_logger, "The reading of a channel");
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
    /// Stops it: asks by message and signal, waits until it and what it started have finished what they began, and ends them by force when they take too long.
    /// Without <c>treekill</c> all that concerns the process alone.
    /// </summary>
    public async Task<DrainReport> StopAsync(AppConfig config)
    {
        IsStopping = true;
        var start = _time.GetTimestamp();
        await Task.WhenAny(Handed.CloseAsync(), _process.Exited, Task.Delay(Underway, _time));
        await AskByMessageAsync(config);
        var isInTime = await AskBySignalAsync(config);
        await Ended;
        return new DrainReport(_drained?.Finished, _drained?.Cut, !isInTime, _time.GetElapsedTime(start));
    }

    /// <summary>Reads no more of what it writes; the rest waits for the next supervisor. Done when what was read is on its way to the log.</summary>
    public async Task LeaveAsync()
    {
        await _links.Output.DisposeAsync();
        await _links.Error.DisposeAsync();
        await _output;
    }

    /// <summary>Ends it, and all that it started or left behind, at once.</summary>
    public Task<int> KillTreeAsync() => TreeEnd.KillAsync(Tree());

    /// <summary>Ends it and its descendants at once.</summary>
    public async Task KillAsync()
    {
        IsStopping = true;
        await KillTreeAsync();
        await Ended;
    }

    private ProcessTree Tree() => new(Id, Record.StartTicks, _mark, _callers.Around());

    private async Task AskByMessageAsync(AppConfig config)
    {
        try
        {
            // A process that is stopped, or does not read, must not hold this up.
            using var limit = new CancellationTokenSource(config.KillTimeout, _time);
            if (config.ShutdownWithMessage)
            {
                await _links.Channel.SendUtf8Async("\"shutdown\""u8.ToArray(), limit.Token);
                await TreeEnd.EndsWithinAsync(_process.Exited, config.KillTimeout, _time);
            }
            else if (_cluster is not null)
            {
                await (Record.CanDrain ? _drain.RunAsync(_links.Channel, config, _process.Exited) : DisconnectAsync(_cluster, config));
            }
        }
        catch (Exception exception) when (exception is NodeChannelException or OperationCanceledException)
        {
            // It closed its channel, or does not read it: the signal says the same.
        }
    }

    /// <summary>A worker of a former version of the supervisor closes its servers, and ends by itself when its last connection has.</summary>
    private async Task DisconnectAsync(ClusterWorker cluster, AppConfig config)
    {
        await cluster.DisconnectAsync();
        await TreeEnd.EndsWithinAsync(_process.Exited, config.KillTimeout, _time);
    }

    /// <returns>Whether it ended in time.</returns>
    private async Task<bool> AskBySignalAsync(AppConfig config)
    {
        var signal = Signals.Parse(config.KillSignal);
        if (config.TreeKill)
        {
            return await TreeEnd.EndAsync(Tree, _process.Exited, signal, config.KillTimeout, _time);
        }

        _process.Signal(signal);
        if (await TreeEnd.EndsWithinAsync(_process.Exited, config.KillTimeout, _time))
        {
            return true;
        }

        _process.Signal(Signals.Kill);
        return false;
    }

    private async Task<ExitStatus> EndAsync()
    {
        var status = await _process.Exited;
        await Task.WhenAny(_output, Task.Delay(LastWords, _time));
        foreach (var part in (Func<ValueTask>[])[_links.DisposeAsync, () => new ValueTask(_output), _log.DisposeAsync])
        {
            try
            {
                await part();
            }
            catch (Exception exception)
            {
                // A file that cannot be removed must not keep the end of the process from being seen.
                _logger.BackgroundFailed("The end of a process", exception.Message, exception);
            }
        }

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
        if (CountOf("finished", value) is { } finished && CountOf("cut", value) is { } cut)
        {
            _drained = (finished, cut);
        }
    }

    private static int? CountOf(string name, string value) =>
        value.Split(' ').FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal)) is { } part
        && int.TryParse(part.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    /// <summary>Logs the first message that cannot be used; a process that sends many must not fill the log.</summary>
    private void OnDropped(Exception reason)
    {
        if (Interlocked.Exchange(ref _hasDropped, 1) == 0)
        {
            _logger.MessageDropped(_app, Id, reason.Message);
        }
    }

    private async Task ReceiveAsync(NodeChannel channel, Task mayRead)
    {
        await mayRead;
        channel.Start();
        await foreach (var message in channel.Messages.ReadAllAsync())
        {
            message.Handle?.Dispose();
            try
            {
                OnMessage(message);
            }
            catch (Exception exception)
            {
                // Whatever a process sends, what it sends next is read.
                OnDropped(exception);
            }
        }
    }

    private void OnMessage(NodeMessage message)
    {
        if (Handed.TryReport(message.Body) || _drain.TryTake(message.Body))
        {
            return;
        }

        if (message.Is("ready"))
        {
            _ready.TrySetResult();
        }

        _onMessage(this, message.Body);
    }
}
