using System.Diagnostics;
using System.Runtime.Versioning;

namespace Starling.Messaging.Links.Polling;

/// <summary>
/// Waits for a socket, does its work, waits for the next. Owner: <see cref="PollerThreads"/>, which gives the thread up when its work takes long;
/// it then finishes that and is kept for later.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class PollerThread(Poller poller, PollerThreads threads)
{
    /// <summary>How long one of several waits before it is one too many.</summary>
    private const int WaitMilliseconds = 100;

    /// <summary>How long one without work is kept.</summary>
    private static readonly TimeSpan KeepTime = TimeSpan.FromSeconds(10);

    /// <summary>A wait that took longer was a sleep: 5 µs.</summary>
    private static readonly long ShortestSleep = Stopwatch.Frequency / 200_000;

    /// <summary>Whether a peer can be at work while this thread looks about.</summary>
    private static readonly bool MaySpin = Environment.ProcessorCount > 1;

    private readonly SemaphoreSlim _recalled = new(0);
    private AdaptiveSpin _spin = new();
    private long _lastNumber;
    private long _steps;
    private long _sleeps;
    private long _changes;

    /// <summary>Whether it does no more than it has begun. Written by the owner.</summary>
    public bool IsLeaving { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>Whether another goes on for it. The owner's.</summary>
    public bool IsHeldUp { get; set; }

    /// <summary>Grows with each beginning and each end of work: odd while at work.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>How often it had nothing to do.</summary>
    public long Sleeps => Volatile.Read(ref _sleeps);

    /// <summary>How often the next work was another socket's.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>What the owner has seen last.</summary>
    public (long Steps, long Sleeps, long Changes) Seen { get; set; }

    public void Start() => new Thread(Run) { IsBackground = true, Name = "messaging sockets" }.UnsafeStart();

    /// <summary>Lets it go on after it was kept.</summary>
    public void Recall() => _recalled.Release();

    private void Run()
    {
        do
        {
            while (!IsLeaving)
            {
                if (TryWait(out var item))
                {
                    Work(item);
                }
                else if (threads.IsTooMany(this))
                {
                    break;
                }
            }

            threads.Keep(this);
        }
        while (IsRecalled());
    }

    private bool IsRecalled()
    {
        if (_recalled.Wait(KeepTime))
        {
            return true;
        }

        if (threads.Forget(this))
        {
            return false;
        }

        // Recalled just now.
        _recalled.Wait();
        return true;
    }

    private void Work(in EpollEvent item)
    {
        if (item.Number != _lastNumber)
        {
            _lastNumber = item.Number;
            Volatile.Write(ref _changes, _changes + 1);
        }

        // Whoever watches sees the work, or this thread sees that nobody watches: hence with a fence.
        Interlocked.Increment(ref _steps);
        threads.OnWork();
        if (threads.IsCrowded)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.poller.Run(state.item), (poller, item), preferLocal: false);
        }
        else
        {
            poller.Run(item);
        }

        Volatile.Write(ref _steps, _steps + 1);
    }

    private bool TryWait(out EpollEvent item)
    {
        var isAlone = threads.IsAlone;
        var start = Stopwatch.GetTimestamp();
        if (isAlone && _spin.IsOn && TrySpin(start, out item))
        {
            return true;
        }

        var hasFound = poller.TryWait(isAlone ? -1 : WaitMilliseconds, out item);
        var now = Stopwatch.GetTimestamp();
        if (now - start > ShortestSleep)
        {
            Volatile.Write(ref _sleeps, _sleeps + 1);
        }

        if (isAlone && MaySpin)
        {
            OnWaited(now, hasFound: false);
        }

        return hasFound;
    }

    private bool TrySpin(long start, out EpollEvent item)
    {
        for (var looks = 0; ; looks++)
        {
            var hasFound = poller.TryWait(0, out item);
            var now = Stopwatch.GetTimestamp();
            if (hasFound)
            {
                if (looks > 0)
                {
                    Volatile.Write(ref _sleeps, _sleeps + 1);
                }

                OnWaited(now, hasFound: true);
                return true;
            }

            if (AdaptiveSpin.IsOver(now - start))
            {
                return false;
            }

            // The peer may be waiting for this very processor.
            _ = LibC.Yield();
        }
    }

    private void OnWaited(long now, bool hasFound)
    {
        if (_spin.OnWaited(now, hasFound))
        {
            _ = LibC.GetTime(LibC.ThreadTime, out var work);
            _spin.Judge(work.Nanoseconds);
        }
    }
}
