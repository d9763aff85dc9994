using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Cache;

namespace Starling.Apps.Tests.Cache;

/// <summary>What goes wrong at the very beginning of a body is told as what it is, also when the services are processes, or on other machines.</summary>
public sealed class BrokenSourceTests
{
    private const string Key = "the key of the test";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "broke off after 3 bytes")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "broke off after 0 bytes")]
    [InlineData(Chunked + "5\r\nhello\r\n", "broke off after 5 bytes")]
    [InlineData(Chunked + "ZZ\r\nhello\r\n", "broke off after 0 bytes")]
    [InlineData(Chunked + "FFFFFFFFFFFFFFFFFF\r\nhello\r\n", "broke off after 0 bytes")]
    [InlineData(Chunked + "5;{long}\r\nhello\r\n0\r\n\r\n", "broke off after 0 bytes")]
    [InlineData(Chunked + "5\r\nhello\r\n0\r\nX-A: {long}\r\n\r\n", "broke off after 5 bytes")]
    public async Task A_source_that_breaks_off_at_once_is_named(string answer, string reason)
    {
        await using var source = new RawSource(answer.Replace("{long}", new string('x', 200_000), StringComparison.Ordinal));
        await using var cache = await RunningCache.StartAsync(options => options with { Run = RunMode.Tcp, Key = Key, Start = [] });
        using var ending = new CancellationTokenSource();
        var services = Task.WhenAll(((string[])["fetch", "cache"]).Select(role => CacheService.RunAsync(
            role, role, cache.Server.Address, Path.Combine(cache.Folder, "by-hand"), Key, false, NullLoggerFactory.Instance, ending.Token)));
        using var client = cache.Client();

        using var response = await client.PostAsync("?command=grab&options=" + source.Url, null, Ending);

        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ending)).RootElement;
        Assert.Equal((HttpStatusCode.BadGateway, "source-failed"), (response.StatusCode, error.GetProperty("error").GetString()));
        Assert.Contains($"127.0.0.1 {reason}", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await cache.StatisticsAsync()).Store!.Entries);
        await ending.CancelAsync();
        await services;
    }

    [Fact]
    public async Task An_entry_whose_file_was_cut_is_named_and_fetched_again()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with { Run = RunMode.Tcp, Key = Key, Start = [], Store = new StoreLimits { MemoryThreshold = 0 } });
        using var ending = new CancellationTokenSource();
        var folder = Path.Combine(cache.Folder, "by-hand");
        var services = Task.WhenAll(((string[])["fetch", "cache"]).Select(role => CacheService.RunAsync(
            role, role, cache.Server.Address, folder, Key, false, NullLoggerFactory.Instance, ending.Token)));
        using var client = cache.Client();
        await cache.GrabAsync(source.Url + "/text/a");
        await using (var file = File.OpenWrite(Path.Combine(folder, "0000000001.entry")))
        {
            file.SetLength(3);
        }

        using var response = await client.GetAsync("?command=get&options=1", Ending);

        Assert.Equal(HttpStatusCode.InsufficientStorage, response.StatusCode);
        Assert.Contains("so the entry is dropped; grab fetches it again", await response.Content.ReadAsStringAsync(Ending), StringComparison.Ordinal);
        Assert.Equal(2, (await cache.GrabAsync(source.Url + "/text/a")).Entry.Number);
        await ending.CancelAsync();
        await services;
    }
}
