namespace Starling.Protocol;

/// <summary>What timers of .NET can wait for.</summary>
public static class TimerLimits
{
    /// <summary>The longest time that a setting may have which becomes a timer: 49 days. Timers take 49.7 days and throw beyond that.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(49);

    /// <summary>Whether a time is more than zero and a timer can wait for it.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Whether it can be.</returns>
    public static bool IsPositive(TimeSpan time) => time > TimeSpan.Zero && time <= Longest;
}
