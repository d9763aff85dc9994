using System.Diagnostics;

namespace Starling.Messaging.Links.Polling;

/// <summary>
/// Tells from the latest waits whether it pays to look for the next bytes for some microseconds before sleeping: to sleep and be woken costs
/// more than that, in time and in work, when the peer is about to answer; otherwise the looking is lost. Owner: the waiting thread.
/// </summary>
internal struct SpinScore
{
    /// <summary>Quick waits to begin with; a slow one costs as many as <see cref="Penalty"/>, so that four of five must be quick.</summary>
    private const int Enough = 16;
    private const int Most = 2 * Enough;
    private const int Penalty = 4;

    /// <summary>How long is looked: 25 µs, what sleeping and waking take at least.</summary>
    private static readonly long Limit = Stopwatch.Frequency / 40_000;

    /// <summary>A sleep up to which looking would have sufficed: part of it is the waking.</summary>
    private static readonly long QuickSleep = Limit * 2;

    private int _score;

    /// <summary>Whether to look before sleeping.</summary>
    public readonly bool IsWorthwhile => _score >= Enough;

    public static bool IsOver(long start) => Stopwatch.GetTimestamp() - start > Limit;

    /// <summary>A look has found something, or nothing.</summary>
    public void OnLooked(bool hasFound) => Add(hasFound);

    /// <summary>A sleep has ended after so many ticks of the <see cref="Stopwatch"/>.</summary>
    public void OnSlept(long elapsed) => Add(elapsed <= QuickSleep);

    private void Add(bool isQuick) => _score = isQuick ? Math.Min(Most, _score + 1) : Math.Max(0, _score - Penalty);
}
