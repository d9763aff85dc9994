using System.Collections.Concurrent;
using System.Diagnostics;
using Starling.Apps.Tests.Cache;

namespace Starling.EndToEnd.Tests.Cache;

public sealed class CacheKillTests
{
    private const int Kills = 3;

    [Theory]
    [InlineData("processes")]
    [InlineData("tcp")]
    public async Task Services_that_are_killed_under_load_come_back_and_nothing_that_was_acknowledged_is_lost(string run)
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await CacheProcess.StartAsync(run);
        using var ending = new CancellationTokenSource();
        var kept = new ConcurrentDictionary<long, string>();
        var errors = new ConcurrentBag<string?>();
        var load = Enumerable.Range(0, 4).Select(worker => LoadAsync(worker)).ToList();
        var reading = ReadAsync();
        for (var i = 0; i < Kills; i++)
        {
            foreach (var role in new[] { "fetch", "cache" })
            {
                // More is kept between two deaths, so each falls into the load.
                var count = kept.Count;
                await WaitAsync(() => kept.Count > count + 5);
                await cache.KillServiceAsync(role);
            }
        }

        var last = kept.Count;
        await WaitAsync(() => kept.Count > last + 5);
        await ending.CancelAsync();
        await Task.WhenAll(load);
        await reading;
        Assert.All(errors, error => Assert.Equal("service-away", error));
        foreach (var (number, name) in kept)
        {
            Assert.Equal("text of " + name, await cache.TextAsync(number));
        }

        Assert.All(await cache.ServicesAsync(), service => Assert.Equal(Kills, service.Restarts));

        async Task LoadAsync(int worker)
        {
            for (var i = 0; !ending.IsCancellationRequested; i++)
            {
                var name = $"{worker}-{i}";
                var (number, error) = await cache.GrabAsync($"{source.Url}/text/{name}");
                if (number is { } given)
                {
                    Assert.True(kept.TryAdd(given, name), $"Number {given} was given twice.");
                }
                else
                {
                    errors.Add(error);
                }
            }
        }

        async Task ReadAsync()
        {
            while (!ending.IsCancellationRequested)
            {
                foreach (var (number, name) in kept.Take(20))
                {
                    if (await cache.TextAsync(number) is { } text)
                    {
                        Assert.Equal("text of " + name, text);
                    }
                }

                await Task.Delay(10);
            }
        }
    }

    [Theory]
    [InlineData("fetch")]
    [InlineData("cache")]
    public async Task A_large_fetch_outlives_the_death_of_a_service(string role)
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await CacheProcess.StartAsync("processes");
        var grab = cache.GrabAsync(source.Url + "/trickle/20");
        await WaitAsync(() => source.Asked("/trickle/20") == 1);
        await cache.KillServiceAsync(role);
        Assert.Equal((1, null), await grab);
        Assert.Equal(2, source.Asked("/trickle/20"));
        var bytes = await cache.Client.GetByteArrayAsync("?command=get&options=1", TestContext.Current.CancellationToken);
        Assert.Equal(20 * CacheSource.Block, bytes.Length);
    }

    [Theory]
    [InlineData("fetch")]
    [InlineData("cache")]
    public async Task A_service_that_hangs_is_killed_and_another_takes_its_place(string role)
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await CacheProcess.StartAsync("processes");
        Assert.Equal((1, null), await cache.GrabAsync(source.Url + "/text/1"));
        var hung = (await cache.ServicesAsync()).Single(service => service.Role == role).ProcessId();
        using var service = Process.GetProcessById(hung);
        using (var stop = Process.Start("kill", ["-STOP", $"{hung}"]))
        {
            await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await WaitUntilStoppedAsync(hung);
        Assert.Equal((2, null), await cache.GrabAsync(source.Url + "/text/2"));
        Assert.Equal("text of 1", await cache.TextAsync(1));
        await service.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
        await cache.WaitForAsync(services => services.Any(
            known => known.Role == role && known.State == "ready" && known.Restarts == 1 && known.ProcessId() != hung));
    }

    [Fact]
    public async Task Services_end_when_main_is_killed()
    {
        await using var cache = await CacheProcess.StartAsync("processes");
        var services = (await cache.ServicesAsync()).Select(service => Process.GetProcessById(service.ProcessId())).ToList();
        cache.Kill();
        foreach (var service in services)
        {
            await service.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
            service.Dispose();
        }
    }

    [Fact]
    public async Task A_stop_over_http_ends_everything_with_success()
    {
        await using var cache = await CacheProcess.StartAsync("processes");
        var services = (await cache.ServicesAsync()).Select(service => Process.GetProcessById(service.ProcessId())).ToList();
        using var answer = await cache.Client.PostAsync("?command=stop", null, TestContext.Current.CancellationToken);
        Assert.Equal(0, await cache.WaitForEndAsync());
        foreach (var service in services)
        {
            Assert.True(service.HasExited);
            service.Dispose();
        }
    }

    private static async Task WaitAsync(Func<bool> isReached)
    {
        var start = Stopwatch.GetTimestamp();
        while (!isReached())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "The load does not go on.");
            await Task.Delay(20);
        }
    }

    /// <summary>The signal has been sent, but a busy machine may let the process run on for a moment.</summary>
    private static async Task WaitUntilStoppedAsync(int process)
    {
        for (var i = 0; !(await File.ReadAllTextAsync($"/proc/{process}/status", TestContext.Current.CancellationToken)).Contains("State:\tT", StringComparison.Ordinal); i++)
        {
            Assert.True(i < 500, "The process was not stopped.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
