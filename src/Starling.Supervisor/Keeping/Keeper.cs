using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Control;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Keeping;

/// <summary>
/// The process behind the daemon: it starts the daemon, starts it again when it dies, and meanwhile keeps what would be lost with it. Descriptors: the listening
/// sockets, and the ends of the workers' output and channels, so that no connection is refused and no worker writes into a broken pipe. Orphans: the workers of a
/// daemon that died become children of the keeper, which collects them and tells how they ended. It does nothing else, so that there is nothing else to die of.
/// </summary>
/// <remarks>When the keeper itself dies, the daemon starts another one and stores everything again.</remarks>
public sealed class Keeper
{
    /// <summary>Descriptor of the channel to the other process, in both directions.</summary>
    internal const int ChannelDescriptor = 3;

    private const int SetChildSubreaper = 36;
    private const int MaxRememberedExits = 4096;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly KeeperOptions _options;
    private readonly ILogger _log;
    private readonly Dictionary<string, SafeHandle> _kept = new(StringComparer.Ordinal);
    private readonly Queue<KeeperMessage> _exits = new();
    private readonly Lock _lock = new();
    private string? _note;
    private NodeChannel? _daemon;
    private bool _isFarewell;

    private Keeper(KeeperOptions options) => (_options, _log) = (options, options.Log);

    /// <summary>Runs until the daemon says farewell.</summary>
    /// <param name="options">How the daemon is started.</param>
    /// <param name="hasDaemon">Whether a daemon that lost its keeper started this one, and is at the other end of the channel.</param>
    /// <exception cref="IOException">Another keeper has the folder.</exception>
    /// <exception cref="SupervisorException">This is Windows, which has no supervisor.</exception>
    public static async Task RunAsync(KeeperOptions options, bool hasDaemon)
    {
        ArgumentNullException.ThrowIfNull(options);
        SupportedSystem.Require();
        using var held = await FolderLock.TakeAsync(options.LockFile, options.Time)
            ?? throw new IOException($"Another keeper holds {options.LockFile}.");
        var keeper = new Keeper(options);
        if (OperatingSystem.IsLinux())
        {
            _ = Libc.prctl(SetChildSubreaper, 1, 0, 0, 0);
        }

        using var terminated = keeper.StopAt(PosixSignal.SIGTERM);
        using var interrupted = keeper.StopAt(PosixSignal.SIGINT);
        using var collecting = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => keeper.Collect());
        if (hasDaemon)
        {
            using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(ChannelDescriptor, ownsHandle: true);
            await keeper.ServeAsync(NodeChannel.Attach(handle));
        }

        var pause = ShortestPause;
        while (!keeper._isFarewell)
        {
            var start = options.Time.GetTimestamp();
            try
            {
                await keeper.RunDaemonAsync();
            }
            catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
            {
                // No descriptors are left for a channel.
                keeper._log.DaemonNotStarted(exception.Message);
            }

            pause = options.Time.GetElapsedTime(start) > LongestPause ? ShortestPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            if (!keeper._isFarewell)
            {
                keeper._log.DaemonLost(pause.TotalSeconds);
                await Task.Delay(pause, options.Time);
            }
        }
    }

    private async Task RunDaemonAsync()
    {
        var (channel, theirs) = NodeChannel.CreatePair();
        try
        {
            using (theirs)
            {
                ProcessSpawner.Spawn(SupervisorFolder.WithoutMarks(_options.Daemon) with
                {
                    Detached = true,
                    Descriptors = new Dictionary<int, SafeHandle> { [ChannelDescriptor] = theirs },
                }).Dispose();
            }
        }
        catch (Exception exception) when (exception is SpawnException or IOException)
        {
            _log.DaemonNotStarted(exception.Message);
            await channel.DisposeAsync();
            return;
        }

        await ServeAsync(channel);
    }

    private async Task ServeAsync(NodeChannel channel)
    {
        lock (_lock)
        {
            _daemon = channel;
        }

        channel.Start();
        await foreach (var message in channel.Messages.ReadAllAsync())
        {
            try
            {
                await HandleAsync(channel, message.Body.Deserialize(), message.Handle);
            }
            catch (NodeChannelException)
            {
                // The daemon died while it was answered. The next one asks again.
            }
            catch (Exception exception)
            {
                message.Handle?.Dispose();
                _log.KeeperMessageFailed(exception.Message);
            }
        }

        lock (_lock)
        {
            _daemon = null;
        }

        await channel.DisposeAsync();
    }

    private async Task HandleAsync(NodeChannel channel, KeeperMessage message, NodeHandle? handle)
    {
        switch (message.Kind)
        {
            case KeeperMessageKind.Store when handle is not null:
                Keep(message.Name!, handle);
                await channel.SendAsync(new KeeperMessage(KeeperMessageKind.Done, Request: message.Request));
                break;
            case KeeperMessageKind.Remove:
                Close(message.Name!);
                break;
            case KeeperMessageKind.Note:
                _note = message.Name;
                break;
            case KeeperMessageKind.Recall:
                await RecallAsync(channel, message.Request);
                break;
            case KeeperMessageKind.Confirm or KeeperMessageKind.Farewell:
                _isFarewell |= message.Kind == KeeperMessageKind.Farewell;
                await channel.SendAsync(new KeeperMessage(KeeperMessageKind.Done, Request: message.Request));
                break;
            default:
                break;
        }
    }

    /// <summary>Answered in any case: the daemon waits. Without descriptors left, the worker is lost if the daemon dies, and nothing else.</summary>
    private void Keep(string name, NodeHandle handle)
    {
        using (handle)
        {
            Close(name);
            try
            {
                _kept[name] = UnixDescriptors.Duplicate(handle.Descriptor);
            }
            catch (IOException exception)
            {
                _log.KeeperMessageFailed(exception.Message);
            }
        }
    }

    private async Task RecallAsync(NodeChannel channel, long request)
    {
        if (_note is not null)
        {
            await channel.SendAsync(new KeeperMessage(KeeperMessageKind.Note, _note));
        }

        foreach (var (name, handle) in _kept)
        {
            await channel.SendAsync(new KeeperMessage(KeeperMessageKind.Kept, name), handle);
        }

        KeeperMessage[] exits;
        lock (_lock)
        {
            exits = [.. _exits];
        }

        foreach (var exit in exits)
        {
            await channel.SendAsync(exit);
        }

        await channel.SendAsync(new KeeperMessage(KeeperMessageKind.Done, Request: request));
    }

    private void Close(string name)
    {
        if (_kept.Remove(name, out var handle))
        {
            handle.Dispose();
        }
    }

    /// <summary>Collects all children that have ended: the daemon, and orphans of former daemons.</summary>
    private void Collect()
    {
        // One that can be looked at before it is collected still has its time of start.
        while (EndedChild.Look() is { } child)
        {
            var pid = Libc.waitpid(child.Id, out var status, Libc.WNoHang);
            if (pid <= 0)
            {
                // Nothing has ended, where the system cannot be asked; or the daemon's own watcher was faster, and there may be others.
                if (child.Id < 0)
                {
                    return;
                }

                continue;
            }

            var ended = ExitStatus.FromWait(status);
            var message = new KeeperMessage(KeeperMessageKind.Ended, Pid: pid, Code: ended.Code, Signal: ended.Signal, Start: child.Start);
            NodeChannel? daemon;
            lock (_lock)
            {
                _exits.Enqueue(message);
                if (_exits.Count > MaxRememberedExits)
                {
                    _exits.Dequeue();
                }

                daemon = _daemon;
            }

            _ = TellAsync(daemon, message);
        }
    }

    /// <summary>A service manager knows the keeper only; its word goes on to the daemon.</summary>
    private PosixSignalRegistration StopAt(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        NodeChannel? daemon;
        lock (_lock)
        {
            daemon = _daemon;
        }

        _isFarewell |= daemon is null;
        _ = TellAsync(daemon, new KeeperMessage(KeeperMessageKind.Stop));
    });

    private static async Task TellAsync(NodeChannel? daemon, KeeperMessage message)
    {
        try
        {
            await (daemon?.SendAsync(message) ?? Task.CompletedTask);
        }
        catch (Exception)
        {
            // The daemon has just died; the next one asks.
        }
    }
}
