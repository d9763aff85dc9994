using System.Collections.Concurrent;
using System.Diagnostics;
using Starling.Apps.Tests.Cache;

namespace Starling.EndToEnd.Tests.Cache;

public sealed class CacheRandomKillTests : IDisposable
{
    private const int Rounds = 8;
    private const int Loaders = 4;

    private readonly ConcurrentDictionary<long, string> _kept = new();
    private readonly CancellationTokenSource _ending = new();

    [Theory]
    [InlineData("threads")]
    [InlineData("processes")]
    [InlineData("tcp")]
    public async Task Whichever_part_is_killed_or_held_up_under_load_nothing_that_was_acknowledged_is_lost(string run)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var source = await CacheSource.StartAsync();
        await using var cache = await CacheProcess.StartAsync(run, "--max-entries", "1000000");
        var load = Enumerable.Range(0, Loaders).Select(loader => LoadAsync(cache, source.Url, loader)).ToList();

        // Main is killed twice at least, whatever the dice say; threads die with it.
        for (var round = 0; round < Rounds; round++)
        {
            await ProgressAsync($"before round {round} with seed {seed}");
            await Task.Delay(random.Next(100), TestContext.Current.CancellationToken);
            if (run == "threads" || round % 4 == 0 || random.Next(4) == 0)
            {
                await cache.KillAndStartAgainAsync();
            }
            else if ((await cache.ServicesAsync()).Where(service => service.Runs.StartsWith("process ", StringComparison.Ordinal)).ToArray() is { Length: > 0 } services)
            {
                await DisturbAsync(services[random.Next(services.Length)].ProcessId(), random);
            }
        }

        await ProgressAsync($"after the last round with seed {seed}");
        await _ending.CancelAsync();
        await Task.WhenAll(load);
        await CheckAsync(cache, seed);
        await cache.KillAndStartAgainAsync();
        await CheckAsync(cache, seed);
    }

    public void Dispose() => _ending.Dispose();

    private async Task LoadAsync(CacheProcess cache, string source, int loader)
    {
        for (var i = 0; !_ending.IsCancellationRequested; i++)
        {
            try
            {
                var name = $"{loader}-{i}";
                var (number, error) = await cache.GrabAsync($"{source}/text/{name}");
                Assert.True(number is not { } given || _kept.TryAdd(given, name), $"Number {number} was given twice.");
                Assert.True(error is null or "service-away", error);
            }
            catch (HttpRequestException)
            {
                // Main is dead. What it had not answered is not acknowledged.
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private async Task ProgressAsync(string when)
    {
        var (count, start) = (_kept.Count, Stopwatch.GetTimestamp());
        while (_kept.Count < count + 5)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"Nothing is kept any more, {when}.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Kills a service, or holds it up for a moment, in which it answers nobody and looks as if it hung.</summary>
    private static async Task DisturbAsync(int process, Random random)
    {
        if (random.Next(3) > 0)
        {
            await SignalAsync("-KILL", process);
            return;
        }

        await SignalAsync("-STOP", process);
        await Task.Delay(random.Next(1500), TestContext.Current.CancellationToken);
        await SignalAsync("-CONT", process);
    }

    // It may have ended by itself meanwhile, which is what the round wanted.
    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [signal, $"{process}"]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private async Task CheckAsync(CacheProcess cache, int seed)
    {
        foreach (var (number, name) in _kept)
        {
            Assert.True(await cache.TextAsync(number) == "text of " + name, $"Entry {number}, {name}, is lost; seed {seed}.");
        }
    }
}
