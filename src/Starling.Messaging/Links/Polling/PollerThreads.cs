using System.Runtime.Versioning;

namespace Starling.Messaging.Links.Polling;

/// <summary>
/// The threads of the <see cref="Poller"/>: usually one, since handing work from thread to thread costs more than the work. A thread of its own
/// watches while there is work: for one whose work takes long, which may block, another goes on; and when there is more work for several
/// sockets than the threads can do, there are more, up to one for each processor.
/// </summary>
/// <remarks>Thread-safe. Its lock is held for some instructions only.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class PollerThreads(Poller poller)
{
    /// <summary>Threads held up beyond which work goes to the thread pool, which has its own ways to deal with such work.</summary>
    private const int MostHeldUp = 1000;

    private const int TicksUntilMore = 2;
    private const int TicksUntilFewer = 20;
    private const int TicksUntilRest = 5;

    /// <summary>Milliseconds between two looks when a thread is at work: work that takes longer than this is left behind.</summary>
    private const int Tick = 2;

    /// <summary>Milliseconds until the next look when none is.</summary>
    private const int QuietTick = 5;

    private readonly Lock _gate = new();
    private readonly List<PollerThread> _active = [];
    private readonly List<PollerThread> _kept = [];
    private readonly AutoResetEvent _work = new(false);
    private int _activeCount;
    private int _heldUp;
    private int _isWatching;
    private int _ticksOfPlenty;
    private int _ticksOfWant;

    /// <summary>Whether there is one thread only, which then waits for ever.</summary>
    public bool IsAlone => Volatile.Read(ref _activeCount) == 1;

    /// <summary>Whether so many threads are held up that no more are started.</summary>
    public bool IsCrowded => Volatile.Read(ref _heldUp) >= MostHeldUp;

    /// <summary>Starts the first, unless it is there.</summary>
    public void Start()
    {
        if (Volatile.Read(ref _activeCount) > 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_active.Count == 0)
            {
                AddOne();
                new Thread(Watch) { IsBackground = true, Name = "messaging sockets watch" }.UnsafeStart();
            }
        }
    }

    /// <summary>To be called by a thread that has begun to work.</summary>
    public void OnWork()
    {
        if (Volatile.Read(ref _isWatching) == 0 && Interlocked.Exchange(ref _isWatching, 1) == 0)
        {
            _work.Set();
        }
    }

    /// <summary>Asked by a thread that found no work for long.</summary>
    /// <returns>Whether it is no longer one of the active ones.</returns>
    public bool IsTooMany(PollerThread thread)
    {
        lock (_gate)
        {
            return _active.Count > 1 && Remove(thread);
        }
    }

    /// <summary>Takes a thread that does not work any more, for later.</summary>
    public void Keep(PollerThread thread)
    {
        lock (_gate)
        {
            _heldUp -= thread.IsHeldUp ? 1 : 0;
            thread.IsHeldUp = false;
            _kept.Add(thread);
        }
    }

    /// <returns>False when it has just been recalled.</returns>
    public bool Forget(PollerThread thread)
    {
        lock (_gate)
        {
            return _kept.Remove(thread);
        }
    }

    private void Watch()
    {
        while (true)
        {
            _work.WaitOne();
            for (var quiet = 0; quiet < TicksUntilRest; quiet++)
            {
                // .NET's own sleep spins before it sleeps, which would cost more than all the rest here.
                _ = LibC.Poll(0, 0, IsAnyAtWork() ? Tick : QuietTick);
                if (Look())
                {
                    quiet = 0;
                }
            }

            Interlocked.Exchange(ref _isWatching, 0);
            if (IsAnyAtWork())
            {
                OnWork();
            }
        }
    }

    private bool IsAnyAtWork()
    {
        lock (_gate)
        {
            return _active.Exists(static thread => thread.Steps % 2 != 0);
        }
    }

    /// <returns>Whether anything was done since the last look.</returns>
    private bool Look()
    {
        lock (_gate)
        {
            var (hasWorked, hasSlept, hasChanged) = (false, false, false);
            for (var i = _active.Count - 1; i >= 0; i--)
            {
                var thread = _active[i];
                var now = (thread.Steps, thread.Sleeps, thread.Changes);
                if (now.Steps == thread.Seen.Steps && now.Steps % 2 != 0)
                {
                    Replace(thread);
                    hasWorked = true;
                    continue;
                }

                hasWorked |= now.Steps != thread.Seen.Steps;
                hasSlept |= now.Sleeps != thread.Seen.Sleeps || now.Steps == thread.Seen.Steps;
                hasChanged |= now.Changes != thread.Seen.Changes;
                thread.Seen = now;
            }

            Adapt(isShort: !hasSlept && hasChanged);
            return hasWorked;
        }
    }

    /// <summary>Lets another go on for one whose work takes long.</summary>
    private void Replace(PollerThread thread)
    {
        if (_heldUp < MostHeldUp && TryAddOne())
        {
            thread.IsLeaving = thread.IsHeldUp = true;
            Remove(thread);
            Volatile.Write(ref _heldUp, _heldUp + 1);
        }
    }

    private void Adapt(bool isShort)
    {
        _ticksOfWant = isShort ? _ticksOfWant + 1 : 0;
        _ticksOfPlenty = isShort ? 0 : _ticksOfPlenty + 1;
        if (_ticksOfWant >= TicksUntilMore && _active.Count < Environment.ProcessorCount && TryAddOne())
        {
            _ticksOfWant = 0;
        }
        else if (_ticksOfPlenty >= TicksUntilFewer && _active.Count > 1)
        {
            var last = _active[^1];
            last.IsLeaving = true;
            Remove(last);
            _ticksOfPlenty = 0;
        }
    }

    /// <returns>False when the system has no more threads just now; the next look tries again.</returns>
    private bool TryAddOne()
    {
        try
        {
            AddOne();
            return true;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }

    private void AddOne()
    {
        if (_kept is [.., var thread])
        {
            _kept.RemoveAt(_kept.Count - 1);
            thread.IsLeaving = false;
            thread.Recall();
        }
        else
        {
            thread = new PollerThread(poller, this);
            thread.Start();
        }

        thread.Seen = (thread.Steps, thread.Sleeps, thread.Changes);
        _active.Add(thread);
        Volatile.Write(ref _activeCount, _active.Count);
    }

    private bool Remove(PollerThread thread)
    {
        var wasActive = _active.Remove(thread);
        Volatile.Write(ref _activeCount, _active.Count);
        return wasActive;
    }
}
