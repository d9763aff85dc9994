using System.Net;
using Starling.Apps.Cache;
using Starling.Apps.Cache.Routing;

namespace Starling.Apps.Tests.Cache;

/// <summary>A cache in this process with a folder of its own, gone with the test.</summary>
internal sealed class RunningCache : IAsyncDisposable
{
    private readonly string _folder;

    private RunningCache(CacheServer server, string folder) => (Server, _folder) = (server, folder);

    public CacheServer Server { get; }

    public string Folder => _folder;

    public static async Task<RunningCache> StartAsync(Func<CacheOptions, CacheOptions>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("starling-cache-").FullName;
        var options = new CacheOptions
        {
            Folder = Path.Combine(folder, "entries"),
            Http = new IPEndPoint(IPAddress.Loopback, 0),
            Fetch = new FetchLimits { AllowPrivate = true },
            Patience = TimeSpan.FromSeconds(30),
        };
        return new RunningCache(await CacheServer.StartAsync(change?.Invoke(options) ?? options, TestContext.Current.CancellationToken), folder);
    }

    public HttpClient Client() => new() { BaseAddress = new Uri($"http://{Server.Http}/") };

    public Task<GrabResult> GrabAsync(string url) => Server.Router.GrabAsync(url, TestContext.Current.CancellationToken);

    public Task<CacheStatistics> StatisticsAsync() => Server.Router.StatisticsAsync(TestContext.Current.CancellationToken);

    /// <summary>Types a line and reads the answer.</summary>
    public async Task<string> SayAsync(string line)
    {
        await using var output = new StringWriter();
        await Server.ConsoleAsync(line, output, TestContext.Current.CancellationToken);
        return output.ToString();
    }

    /// <summary>Waits until the figures are as wanted.</summary>
    public async Task<CacheStatistics> WaitForAsync(Func<CacheStatistics, bool> isWanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var figures = await StatisticsAsync();
            if (isWanted(figures))
            {
                return figures;
            }

            Assert.False(limit.IsCancellationRequested, $"The figures stay {figures}: {string.Join("; ", figures.Services)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
