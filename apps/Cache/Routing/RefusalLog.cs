using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;
using Starling.Messaging.Diagnostics;

namespace Starling.Apps.Cache.Routing;

/// <summary>Says who was not let in, in so many lines a minute and no more: a stranger who comes in a loop fills no disk. Thread-safe.</summary>
internal sealed class RefusalLog(ILogger logger, TimeProvider time)
{
    public const int LinesInAMinute = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _began = time.GetTimestamp();
    private int _count;

    public void Write(PeerText service, string address, PeerText reason)
    {
        var (place, untold) = Count();
        if (untold > 0)
        {
            CacheLog.ManyWereNotLetIn(logger, untold);
        }

        if (place <= LinesInAMinute)
        {
            CacheLog.NotLetIn(logger, service, address, reason);
        }
        else if (place == LinesInAMinute + 1)
        {
            CacheLog.MoreAreNotLetIn(logger);
        }
    }

    /// <returns>The how manieth of its minute this one is, and how many of an earlier one were not told.</returns>
    private (int Place, int Untold) Count()
    {
        lock (_gate)
        {
            var untold = 0;
            if (time.GetElapsedTime(_began) >= Minute)
            {
                untold = Math.Max(0, _count - LinesInAMinute);
                (_began, _count) = (time.GetTimestamp(), 0);
            }

            return (++_count, untold);
        }
    }
}
