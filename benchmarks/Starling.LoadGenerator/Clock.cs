using System.Diagnostics;

namespace Starling.LoadGenerator;

/// <summary>Monotonic nanoseconds since the program started; what payloads carry as their timestamp.</summary>
internal static class Clock
{
    private static readonly long Start = Stopwatch.GetTimestamp();

    public static long Now => (long)((Stopwatch.GetTimestamp() - Start) * (1e9 / Stopwatch.Frequency));
}
