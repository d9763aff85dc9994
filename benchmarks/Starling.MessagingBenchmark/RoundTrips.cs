using System.Diagnostics;

namespace Starling.MessagingBenchmark;

/// <summary>Keeps a number of calls under way for a time and measures each.</summary>
internal static class RoundTrips
{
    public static async Task<Measurement> MeasureAsync(Func<Task> call, int inFlight, TimeSpan duration)
    {
        await RunAsync(call, inFlight, duration / 2);
        return await RunAsync(call, inFlight, duration);
    }

    private static async Task<Measurement> RunAsync(Func<Task> call, int inFlight, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var samples = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(() => LoopAsync(call, end))));
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var all = samples.SelectMany(list => list).Order().ToArray();
        return new Measurement(all.Length / elapsed, Microseconds(all[all.Length / 2]), Microseconds(all[(int)(all.Length * 0.99)]));
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
