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
/// A few threads wait at the same place and each takes one socket at a time, so that one in a slow handler holds up nobody else. When all are
/// held up, more are started, and go again. Thread-safe. One for the process, as the threads of the pool are; it lasts as long.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class Poller
{
    private const int LeastThreads = 2;
    private const int MostThreads = 512;

    /// <summary>How long all threads may be busy with the same work before another is started.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(5);

    private static readonly Lazy<Poller?> Shared = new(Create);

    private readonly ConcurrentDictionary<long, PolledStream> _streams = new();
    private readonly int _epoll;
    private readonly Timer _guard;
    private long _lastNumber;
    private long _taken;
    private long _takenAtLastLook;
    private int _threads;
    private int _waiting;
    private int _isGuarding;

    private Poller(int epoll)
    {
        _epoll = epoll;
        _guard = new Timer(static poller => ((Poller)poller!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        for (var i = 0; i < Math.Max(LeastThreads, Environment.ProcessorCount); i++)
        {
            AddThread();
        }
    }

    /// <summary>The process's; null where the system offers none.</summary>
    public static Poller? OfThisProcess => Shared.Value;

    /// <summary>Tells the stream from now on when bytes may have come.</summary>
    /// <returns>A number by which the stream is removed, or null if the system refuses.</returns>
    public long? Add(PolledStream stream, SafeSocketHandle socket)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        _streams[number] = stream;
        var item = new EpollEvent(LibC.ReadableOnEdge, number);
        if (LibC.EpollControl(_epoll, LibC.Add, socket, ref item) == 0)
        {
            return number;
        }

        _streams.TryRemove(number, out _);
        return null;
    }

    public void Remove(long number, SafeSocketHandle socket)
    {
        if (_streams.TryRemove(number, out _))
        {
            EpollEvent item = default;
            _ = LibC.EpollControl(_epoll, LibC.Delete, socket, ref item);
        }
    }

    private static Poller? Create() => LibC.EpollCreate(LibC.CloseOnExec) is >= 0 and var epoll ? new Poller(epoll) : null;

    private void AddThread()
    {
        Interlocked.Increment(ref _threads);
        new Thread(Run) { IsBackground = true, Name = "messaging sockets" }.UnsafeStart();
    }

    private void Run()
    {
        EpollEvent item = default;
        while (true)
        {
            var waiting = Interlocked.Increment(ref _waiting);
            if (waiting > Math.Max(LeastThreads, Environment.ProcessorCount))
            {
                // Started when the others were held up, and not needed any more.
                Interlocked.Decrement(ref _waiting);
                Interlocked.Decrement(ref _threads);
                return;
            }

            // One socket at a time: what a thread takes, no other can.
            var found = LibC.EpollWait(_epoll, ref item, 1, -1);
            var error = Marshal.GetLastPInvokeError();
            if (Interlocked.Decrement(ref _waiting) == 0)
            {
                Guard();
            }

            if (found > 0)
            {
                Interlocked.Increment(ref _taken);
                if (_streams.TryGetValue(item.Number, out var stream))
                {
                    stream.OnReady();
                }
            }
            else if (found < 0 && error != LibC.Interrupted)
            {
                throw new InvalidOperationException($"Waiting for sockets failed with error {error} of the system.");
            }
        }
    }

    /// <summary>All threads are at work: sees to it that somebody looks whether they come back.</summary>
    private void Guard()
    {
        if (Interlocked.Exchange(ref _isGuarding, 1) == 0)
        {
            Volatile.Write(ref _takenAtLastLook, Volatile.Read(ref _taken));
            _guard.Change(Patience, Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        var taken = Volatile.Read(ref _taken);
        var isStuck = taken == Interlocked.Exchange(ref _takenAtLastLook, taken);
        if (Volatile.Read(ref _waiting) > 0)
        {
            Volatile.Write(ref _isGuarding, 0);
            if (Volatile.Read(ref _waiting) > 0)
            {
                return;
            }

            // The last one has just gone to work, and found the guard still there.
            Volatile.Write(ref _isGuarding, 1);
        }

        if (isStuck && Volatile.Read(ref _threads) < MostThreads)
        {
            AddThread();
        }

        _guard.Change(Patience, Timeout.InfiniteTimeSpan);
    }
}
