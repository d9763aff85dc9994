using System.Collections.Concurrent;
using System.Diagnostics;
using Starling.Messaging.Connections;

namespace Starling.Messaging.Calls;

/// <summary>
/// Calls whose answers have come. They are completed one after the other on the thread that read them, which spares each its change of
/// threads; but a caller that goes on for long there, or blocks, does not hold up the others.
/// </summary>
/// <remarks>Thread-safe. Owner: the connection, which calls <see cref="RescueStuck"/> now and then.</remarks>
internal sealed class CompletionQueue
{
    /// <summary>Time of one completion after which the rest is handed to the pool.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(0.5);

    private readonly ConcurrentQueue<PendingCall> _calls = new();
    private long _completed;
    private long _completedAtLastLook;

    public void Add(PendingCall call) => _calls.Enqueue(call);

    /// <summary>Completes what is there.</summary>
    /// <param name="output">Held back meanwhile, so that the next calls of many callers leave together.</param>
    public void Drain(SendQueue output)
    {
        if (_calls.IsEmpty)
        {
            return;
        }

        output.Cork();
        try
        {
            while (_calls.TryDequeue(out var call))
            {
                var start = Stopwatch.GetTimestamp();
                call.Complete();
                Interlocked.Increment(ref _completed);
                if (!_calls.IsEmpty && Stopwatch.GetElapsedTime(start) > Patience)
                {
                    Spread();
                    return;
                }
            }
        }
        finally
        {
            output.Uncork();
        }
    }

    /// <summary>Completes the rest elsewhere if nothing has moved since the last call.</summary>
    public void RescueStuck()
    {
        var completed = Volatile.Read(ref _completed);
        if (completed == _completedAtLastLook && !_calls.IsEmpty)
        {
            Spread();
        }

        _completedAtLastLook = completed;
    }

    private void Spread()
    {
        while (_calls.TryDequeue(out var call))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static call => call.Complete(), call, preferLocal: false);
        }
    }
}
