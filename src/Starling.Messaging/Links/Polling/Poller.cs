using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Starling.Messaging.Links.Polling;

/// <summary>
/// Waits for bytes on all sockets of the process and does the work that they bring on the thread that found them: what .NET's own engine
/// hands to the thread pool costs a change of threads, which a single call under way pays twice.
/// </summary>
/// <remarks>
/// Each waiting thread takes one socket at a time, so that work that blocks holds up one thread and no other socket; <see cref="PollerThreads"/>
/// sees to it that there is always another to wait. Thread-safe. One for the process, as the pool is; it lasts as long.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class Poller
{
    private static readonly Lazy<Poller?> Shared = new(Create);

    private readonly ConcurrentDictionary<long, PolledStream> _streams = new();
    private readonly PollerThreads _threads;
    private readonly int _epoll;
    private long _lastNumber;

    private Poller(int epoll)
    {
        _epoll = epoll;
        _threads = new PollerThreads(this);
    }

    /// <summary>The process's; null where the system offers none.</summary>
    public static Poller? OfThisProcess => Shared.Value;

    /// <summary>Tells the stream from now on when it may be read.</summary>
    /// <returns>The number by which it is watched, or null if the system refuses.</returns>
    public long? Add(PolledStream stream, SafeSocketHandle socket)
    {
        _threads.Start();
        var number = Interlocked.Increment(ref _lastNumber);
        _streams[number] = stream;
        if (Control(LibC.Add, socket, number, watchesWrites: false) == 0)
        {
            return number;
        }

        _streams.TryRemove(number, out _);
        return null;
    }

    /// <summary>Changes what the stream is told, and tells it again what is the case now. Nothing if it has been removed.</summary>
    public void Watch(long number, SafeSocketHandle socket, bool watchesWrites)
    {
        try
        {
            _ = Control(LibC.Modify, socket, number, watchesWrites);
        }
        catch (ObjectDisposedException)
        {
            // The stream's end is told by the stream.
        }
    }

    public void Remove(long number, SafeSocketHandle socket)
    {
        if (_streams.TryRemove(number, out _))
        {
            _ = Control(LibC.Delete, socket, number, watchesWrites: false);
        }
    }

    /// <summary>Waits for one socket, which no other thread is then told about.</summary>
    /// <param name="milliseconds">How long; negative for ever.</param>
    /// <param name="item">What happened.</param>
    /// <returns>False when nothing happened in this time.</returns>
    public bool TryWait(int milliseconds, out EpollEvent item)
    {
        item = default;
        var found = LibC.EpollWait(_epoll, ref item, 1, milliseconds);
        if (found >= 0)
        {
            return found > 0;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == LibC.Interrupted ? false : throw new InvalidOperationException($"Waiting for sockets failed: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    /// <summary>Does the work that a wait has found.</summary>
    public void Run(in EpollEvent item)
    {
        if (_streams.TryGetValue(item.Number, out var stream))
        {
            stream.OnReady(item.Events);
        }
    }

    private static Poller? Create() => LibC.EpollCreate(LibC.CloseOnExec) is >= 0 and var epoll ? new Poller(epoll) : null;

    private int Control(int operation, SafeSocketHandle socket, long number, bool watchesWrites)
    {
        var events = EpollEvent.OnEdge | EpollEvent.Readable | EpollEvent.PeerHungUp | (watchesWrites ? EpollEvent.Writable : 0);
        var item = new EpollEvent(events, number);
        return LibC.EpollControl(_epoll, operation, socket, ref item);
    }
}
