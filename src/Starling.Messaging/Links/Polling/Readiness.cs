using System.Threading.Tasks.Sources;

namespace Starling.Messaging.Links.Polling;

/// <summary>
/// Lets one reader, or one writer, wait until it is worth trying again. A signal that comes while nobody waits is kept for the next wait; so a
/// wait may end for nothing, and never misses what came.
/// </summary>
/// <param name="again">Called when a signal came just as the wait began, to have it repeated: the one who waits cannot go on within his own call.</param>
internal sealed class Readiness(Action again) : IValueTaskSource
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Signalled = 2;

    private Action<object?>? _continuation;
    private object? _argument;
    private int _state;
    private short _version;
    private volatile bool _isWoken;

    /// <summary>Whether there has been a signal since the last wait. Forgets it: what is signalled from here on is newer than what is tried now.</summary>
    public bool TakeSignal() => Volatile.Read(ref _state) != Idle && Interlocked.Exchange(ref _state, Idle) != Idle;

    /// <summary>Lets the one who waits go on, on this thread.</summary>
    public void Signal()
    {
        if (SetSignal())
        {
            Resume();
        }
    }

    /// <summary>Lets the one who waits go on on a thread of the pool, since this one may hold what he wants.</summary>
    public void Wake()
    {
        _isWoken = true;

        // Either this thread sees the wait that begins, or that sees the mark.
        Interlocked.MemoryBarrier();
        if (SetSignal())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static readiness => readiness.Resume(), this, preferLocal: false);
        }
    }

    /// <summary>Waits for a signal. To be awaited at once, once, and without a context.</summary>
    public ValueTask WaitAsync() => new(this, _version);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) =>
        Volatile.Read(ref _state) == Signalled ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

    void IValueTaskSource.GetResult(short token)
    {
        if (token != _version)
        {
            throw new InvalidOperationException("A wait for a socket was awaited twice.");
        }

        _version++;
        _isWoken = false;
    }

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _continuation = continuation;
        _argument = state;
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
        {
            return;
        }

        // Nobody but the one who waits takes a signal back.
        Interlocked.Exchange(ref _state, Waiting);
        if (_isWoken)
        {
            Wake();
        }
        else
        {
            again();
        }
    }

    /// <returns>Whether somebody waits, and is this thread's to resume.</returns>
    private bool SetSignal()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Waiting when Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting:
                    return true;
                case Idle when Interlocked.CompareExchange(ref _state, Signalled, Idle) == Idle:
                case Signalled:
                    return false;
            }
        }
    }

    private void Resume()
    {
        var (continuation, argument) = (_continuation!, _argument);
        (_continuation, _argument) = (null, null);
        continuation(argument);
    }
}
