using System.Globalization;
using Starling.Apps.Tests.Cache;

namespace Starling.EndToEnd.Tests.Cache;

public sealed class CacheMemoryTests
{
    private const int Megabytes = 300;
    private const long MostMemory = 150L << 20;

    [Theory]
    [InlineData("threads")]
    [InlineData("processes")]
    [InlineData("tcp")]
    public async Task A_large_resource_does_not_occupy_its_size_in_any_service(string run)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads the peak of memory from /proc.");
        await using var source = await CacheSource.StartAsync();
        await using var cache = await CacheProcess.StartAsync(run);
        Assert.Equal((1, null), await cache.GrabAsync($"{source.Url}/megabytes/{Megabytes}"));
        using var answer = await cache.Client.GetAsync("?command=get&options=1", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.Equal((long)Megabytes * CacheSource.Block, await CountAsync(body));
        var processes = new List<int> { cache.Id };
        if (run != "threads")
        {
            processes.AddRange((await cache.ServicesAsync()).Select(service => service.ProcessId()));
        }

        Assert.All(processes, process => Assert.InRange(PeakMemory(process), 1 << 20, MostMemory));
    }

    private static async Task<long> CountAsync(Stream body)
    {
        var buffer = new byte[CacheSource.Block];
        var total = 0L;
        int count;
        while ((count = await body.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0)
        {
            // Each block is filled with its number.
            Assert.Equal((byte)(total / CacheSource.Block), buffer[0]);
            total += count;
        }

        return total;
    }

    private static long PeakMemory(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
