using System.Collections.Concurrent;
using System.Net;

namespace Starling.Server.Sessions;

/// <summary>Counts sessions in all and per address, and handshakes per second. Thread-safe.</summary>
internal sealed class HandshakeLimits(EngineIOOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = [];
    private readonly Lock _gate = new();
    private int _sessions;
    private long _secondStarted = time.GetTimestamp();
    private int _handshakesInSecond;

    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Takes a place for a session, or says why there is none.</summary>
    public EngineError? TryEnter(IPAddress? address)
    {
        if (options.MaxHandshakesPerSecond is { } rate && !TryCount(rate))
        {
            return EngineErrors.TooManyHandshakes;
        }

        if (Interlocked.Increment(ref _sessions) > options.MaxSessions)
        {
            Interlocked.Decrement(ref _sessions);
            return EngineErrors.TooManySessions;
        }

        if (options.MaxSessionsPerAddress is { } limit && address is not null
            && _perAddress.AddOrUpdate(address, 1, static (_, count) => count + 1) > limit)
        {
            Leave(address);
            return EngineErrors.TooManySessionsFromAddress;
        }

        return null;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(IPAddress? address)
    {
        Interlocked.Decrement(ref _sessions);
        if (options.MaxSessionsPerAddress is not null && address is not null
            && _perAddress.AddOrUpdate(address, 0, static (_, count) => count - 1) <= 0)
        {
            _perAddress.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
        }
    }

    private bool TryCount(int rate)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_secondStarted) >= TimeSpan.FromSeconds(1))
            {
                _secondStarted = time.GetTimestamp();
                _handshakesInSecond = 0;
            }

            return ++_handshakesInSecond <= rate;
        }
    }
}
