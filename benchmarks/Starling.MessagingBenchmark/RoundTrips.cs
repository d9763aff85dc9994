using System.Diagnostics;

namespace Starling.MessagingBenchmark;

/// <summary>Keeps a number of calls under way for a time and measures each.</summary>
internal static class RoundTrips
{
    /// <param name="call">The call.</param>
    /// <param name="inFlight">How many are under way.</param>
    /// <param name="duration">How long, after half of it to warm up.</param>
    /// <param name="cpu">Processor time of both sides until now.</param>
    public static async Task<Measurement> MeasureAsync(Func<Task> call, int inFlight, TimeSpan duration, Func<TimeSpan> cpu)
    {
        await RunAsync(call, inFlight, duration / 2, cpu);
        return await RunAsync(call, inFlight, duration, cpu);
    }

    private static async Task<Measurement> RunAsync(Func<Task> call, int inFlight, TimeSpan duration, Func<TimeSpan> cpu)
    {
        var cpuBefore = cpu();
        var start = Stopwatch.GetTimestamp();
        var end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var samples = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(() => LoopAsync(call, end))));
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var used = cpu() - cpuBefore;
        var all = samples.SelectMany(list => list).Order().ToArray();
        return new Measurement(all.Length / elapsed, Microseconds(all[all.Length / 2]), Microseconds(all[(int)(all.Length * 0.99)]), used.TotalMicroseconds / all.Length);
    }

    private static async Task<List<long>> LoopAsync(Func<Task> call, long end)
    {
        List<long> samples = new(1 << 16);
        for (var now = Stopwatch.GetTimestamp(); now < end;)
        {
            await call();
            var then = now;
            now = Stopwatch.GetTimestamp();
            samples.Add(now - then);
        }

        return samples;
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
