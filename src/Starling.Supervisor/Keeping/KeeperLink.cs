using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Keeping;

/// <summary>
/// The daemon's end of its keeper. It holds copies of all that is stored, so that a keeper that dies is replaced by another one with the same. Owned by the daemon.
/// Safe for use by several threads.
/// </summary>
internal sealed class KeeperLink : IDescriptorStore, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long a keeper that lives is waited for. One that was stopped does what it was asked for when it goes on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SpawnOptions _keeper;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<string, SafeFileHandle> _stored = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<bool>> _requests = new();
    private readonly Dictionary<string, SafeFileHandle> _recalled = new(StringComparer.Ordinal);
    private NodeChannel _channel;
    private long _lastRequest;
    private volatile bool _isEnding;
    private volatile bool _isLeaving;
    private volatile bool _isSilent;
    private string? _note;

    private KeeperLink(NodeChannel channel, SpawnOptions keeper, ILogger log) => (_channel, _keeper, _log) = (channel, keeper, log);

    /// <summary>How orphans of former daemons end.</summary>
    public ExitNews Exits { get; } = new();

    /// <summary>The state that a former daemon could not write to its file; null when it could.</summary>
    public string? Note { get; private set; }

    /// <summary>Told when the keeper is told to end.</summary>
    public Action? OnStop { get; set; }

    /// <summary>Takes up the channel that the keeper gave this process, and all that it keeps.</summary>
    /// <param name="keeper">How another keeper is started; it gets a channel as descriptor 3.</param>
    /// <param name="log">Where it logs.</param>
    public static async Task<(KeeperLink Link, Dictionary<string, SafeFileHandle> Kept)> OpenAsync(SpawnOptions keeper, ILogger log)
    {
        using var handle = new SafeFileHandle(Keeper.ChannelDescriptor, ownsHandle: true);
        var link = new KeeperLink(NodeChannel.Attach(handle), keeper, log);
        link.ReceiveAsync().Observe(log, "The reading of the keeper's messages");
        await link.RequestAsync(new KeeperMessage(KeeperMessageKind.Recall), null, Timeout.InfiniteTimeSpan);
        foreach (var (name, kept) in link._recalled)
        {
            link._stored[name] = UnixDescriptors.Duplicate(kept);
        }

        return (link, link._recalled);
    }

    public async ValueTask StoreAsync(string name, SafeHandle handle, CancellationToken cancellationToken)
    {
        var copy = UnixDescriptors.Duplicate(handle);
        if (_stored.TryRemove(name, out var former))
        {
            former.Dispose();
        }

        _stored[name] = copy;
        await RequestAsync(new KeeperMessage(KeeperMessageKind.Store, name), copy, _isSilent ? TimeSpan.Zero : Patience).WaitAsync(cancellationToken);
    }

    public async ValueTask NoteAsync(string? text)
    {
        if (_note is null && text is null)
        {
            return;
        }

        _note = text;
        await TrySendAsync(new KeeperMessage(KeeperMessageKind.Note, text));
    }

    public async ValueTask RemoveAsync(string name)
    {
        if (_isLeaving)
        {
            return;
        }

        if (_stored.TryRemove(name, out var copy))
        {
            copy.Dispose();
        }

        await TrySendAsync(new KeeperMessage(KeeperMessageKind.Remove, name));
    }

    private async ValueTask TrySendAsync(KeeperMessage message)
    {
        try
        {
            await _channel.SendAsync(message).WaitAsync(Patience);
        }
        catch (Exception exception) when (exception is NodeChannelException or TimeoutException)
        {
            // The next keeper gets only what is stored now.
        }
    }

    /// <summary>From now on nothing is removed, and the end of this process is not the end of all.</summary>
    public void Leave() => _isLeaving = true;

    /// <summary>Tells the keeper that all is over, unless this process leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        if (!_isLeaving)
        {
            await RequestAsync(new KeeperMessage(KeeperMessageKind.Farewell), null, Patience);
        }

        await _channel.DisposeAsync();
        foreach (var copy in _stored.Values)
        {
            copy.Dispose();
        }
    }

    /// <returns>Whether the keeper has done it. If not, it is gone; another one is started and gets what is stored.</returns>
    private async Task<bool> RequestAsync(KeeperMessage message, SafeHandle? handle, TimeSpan patience)
    {
        var number = Interlocked.Increment(ref _lastRequest);
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests[number] = done;
        try
        {
            message = message with { Request = number };
            await (handle is null ? _channel.SendAsync(message) : _channel.SendAsync(message, handle)).WaitAsync(patience > TimeSpan.Zero ? patience : Patience);
            var isDone = await done.Task.WaitAsync(patience);
            _isSilent = false;
            return isDone;
        }
        catch (NodeChannelException)
        {
            return false;
        }
        catch (TimeoutException)
        {
            if (!_isSilent)
            {
                _isSilent = true;
                _log.KeeperSilent();
            }

            return false;
        }
        finally
        {
            _requests.TryRemove(number, out _);
        }
    }

    private async Task ReceiveAsync()
    {
        while (true)
        {
            _channel.Start();
            await foreach (var message in _channel.Messages.ReadAllAsync())
            {
                try
                {
                    Handle(message.Body.Deserialize(), message.Handle);
                }
                catch (Exception exception)
                {
                    message.Handle?.Dispose();
                    _log.KeeperMessageFailed(exception.Message);
                }
            }

            foreach (var request in _requests.Values)
            {
                request.TrySetResult(false);
            }

            if (_isEnding)
            {
                return;
            }

            _log.KeeperLost();
            await StartAnotherAsync();
        }
    }

    private void Handle(KeeperMessage message, NodeHandle? handle)
    {
        _isSilent = false;
        switch (message.Kind)
        {
            case KeeperMessageKind.Note:
                Note = _note = message.Name;
                break;
            case KeeperMessageKind.Kept when handle is not null:
                _recalled[message.Name!] = UnixDescriptors.Duplicate(handle.Descriptor);
                handle.Dispose();
                break;
            case KeeperMessageKind.Ended:
                Exits.Tell(message.Pid, message.Start, new ExitStatus(message.Code, message.Signal));
                break;
            case KeeperMessageKind.Stop:
                OnStop?.Invoke();
                break;
            case KeeperMessageKind.Done when _requests.TryGetValue(message.Request, out var request):
                request.TrySetResult(true);
                break;
            default:
                break;
        }
    }

    private async Task StartAnotherAsync()
    {
        while (!_isEnding)
        {
            try
            {
                var (channel, theirs) = NodeChannel.CreatePair();
                int pid;
                using (theirs)
                {
                    using var keeper = ProcessSpawner.Spawn(SupervisorFolder.WithoutMarks(_keeper) with { Detached = true, Descriptors = new Dictionary<int, SafeHandle> { [Keeper.ChannelDescriptor] = theirs } });
                    pid = keeper.Id;
                }

                _channel = channel;
                foreach (var (name, copy) in _stored)
                {
                    await channel.SendAsync(new KeeperMessage(KeeperMessageKind.Store, name), copy);
                }

                if (_note is not null)
                {
                    await channel.SendAsync(new KeeperMessage(KeeperMessageKind.Note, _note));
                }

                // Answered by what receives, which waits for this.
                ConfirmAsync(pid).Observe(_log, "The start of a keeper");
                return;
            }
            catch (Exception exception)
            {
                _log.KeeperNotStarted(exception.Message);
                await Task.Delay(Pause);
            }
        }
    }

    private async Task ConfirmAsync(int pid)
    {
        if (await RequestAsync(new KeeperMessage(KeeperMessageKind.Confirm), null, Timeout.InfiniteTimeSpan))
        {
            _log.KeeperReady(pid);
        }
    }
}
