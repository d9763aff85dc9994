using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Cache;
using Starling.Apps.Cache.Supervision;

namespace Starling.Apps.Tests.Cache;

public sealed class CacheServerTests
{
    [Fact]
    public async Task Those_who_grab_one_address_at_the_same_time_share_one_fetch()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        var grabs = Enumerable.Range(0, 20).Select(_ => cache.GrabAsync(source.Url + "/gate")).ToList();
        await cache.WaitForAsync(figures => figures.Misses == 20 && source.Asked("/gate") > 0);
        source.Open();
        Assert.All(await Task.WhenAll(grabs), result => Assert.Equal(1, result.Entry.Number));
        Assert.Equal(1, source.Asked("/gate"));
        Assert.True((await cache.GrabAsync(source.Url + "/gate")).IsHit);
        var figures = await cache.StatisticsAsync();
        Assert.Equal((1, 19, 1, 20), (figures.Fetched, figures.Shared, figures.Hits, figures.Misses));
    }

    [Fact]
    public async Task So_many_fetches_are_under_way_so_many_wait_and_one_more_is_refused()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with { MaxFetches = 2, MaxWaiting = 3 });
        var grabs = Enumerable.Range(0, 5).Select(number => cache.GrabAsync($"{source.Url}/gate/{number}")).ToList();
        await cache.WaitForAsync(figures => figures is { Fetching: 2, Queued: 3 });
        Assert.Equal(CacheError.Busy, (await Assert.ThrowsAsync<CacheException>(() => cache.GrabAsync(source.Url + "/gate/6"))).Error);
        source.Open();
        Assert.Equal(5, (await Task.WhenAll(grabs)).Select(result => result.Entry.Number).Distinct().Count());
    }

    [Fact]
    public async Task A_list_of_grabs_in_the_background_that_is_longer_than_the_queue_is_fetched_whole()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with { MaxFetches = 2, MaxWaiting = 3 });
        await using var output = new StringWriter();
        await using var written = TextWriter.Synchronized(output);
        for (var i = 0; i < 60; i++)
        {
            Assert.True(await cache.Server.ConsoleAsync($"grab {source.Url}/text/{i} &", written, TestContext.Current.CancellationToken));
        }

        await cache.WaitForAsync(figures => figures.Store?.Entries == 60);

        // The synchronized writer locks itself, and some lines may still be on their way.
        lock (written)
        {
            Assert.DoesNotContain("error", output.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("cache")]
    [InlineData("fetch")]
    public async Task A_thread_that_dies_is_started_again_and_nothing_that_was_acknowledged_is_lost(string role)
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        await cache.GrabAsync(source.Url + "/text/kept");
        var underWay = cache.GrabAsync(source.Url + "/gate");
        await cache.WaitForAsync(_ => source.Asked("/gate") == 1);
        var supervisor = cache.Server.Supervisors.Single(service => service.Role == role);
        await ((ThreadRun)supervisor.Current!).KillAsync();
        await cache.WaitForAsync(figures => figures.Services.Any(service => service.Role == role && service is { State: "ready", Restarts: 1 }));
        source.Open();
        Assert.Equal(2, (await underWay).Entry.Number);
        Assert.Contains("text of kept", await cache.SayAsync("get 1"), StringComparison.Ordinal);
        Assert.True((await cache.GrabAsync(source.Url + "/text/kept")).IsHit);
        Assert.Equal(3, (await cache.GrabAsync(source.Url + "/text/later")).Entry.Number);
    }

    [Fact]
    public async Task A_service_that_is_away_and_does_not_come_is_a_clear_error()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with { Start = ["cache"], Patience = TimeSpan.FromSeconds(1) });
        await cache.WaitForAsync(figures => figures.Store is not null);
        Assert.Equal("The cache is empty; grab URL puts something into it.", (await cache.SayAsync("list")).Trim());
        var answer = await cache.SayAsync($"grab {source.Url}/text/a");
        Assert.Contains("The fetch service is away and did not come within 1 s; start one with:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unfinished_fetch_becomes_no_entry()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with { Fetch = options.Fetch with { MaxSize = 100_000 } });
        Assert.Contains("broke off after 500 bytes", await cache.SayAsync($"grab {source.Url}/broken"), StringComparison.Ordinal);
        Assert.Contains("--max-size", await cache.SayAsync($"grab {source.Url}/unmeasured/1"), StringComparison.Ordinal);
        Assert.Equal(0, (await cache.StatisticsAsync()).Store!.Entries);
        Assert.Equal(2, (await cache.StatisticsAsync()).Failed);
        var files = Directory.GetFiles(Path.Combine(cache.Folder, "entries")).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["last-number", "main.lock"], files);
    }

    [Fact]
    public async Task On_tcp_only_a_service_that_knows_the_key_is_let_in()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with { Run = RunMode.Tcp, Key = "the key of the test", Start = [] });
        using var ending = new CancellationTokenSource();
        var services = new[] { ("fetch", "stranger", "the key of another"), ("fetch", "fetch-a", "the key of the test"), ("fetch", "fetch-b", "the key of the test"), ("cache", "cache-a", "the key of the test") }
            .Select(service => CacheService.RunAsync(
                service.Item1, service.Item2, cache.Server.Address, Path.Combine(cache.Folder, "by-hand"), service.Item3, false, NullLoggerFactory.Instance, ending.Token))
            .ToList();
        await cache.WaitForAsync(figures => figures.Services.Count(service => service.State == "ready") == 3);
        Assert.Equal(1, (await cache.GrabAsync(source.Url + "/text/a")).Entry.Number);
        Assert.DoesNotContain((await cache.StatisticsAsync()).Services, service => service.Name == "stranger");
        await ending.CancelAsync();
        await Task.WhenAll(services);
        await cache.WaitForAsync(figures => figures.Services.Count == 0);
    }

    [Fact]
    public async Task A_file_that_exists_is_not_written_over()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        await cache.GrabAsync(source.Url + "/text/a");
        var path = Path.Combine(cache.Folder, "a file");
        Assert.Contains("9 bytes written", await cache.SayAsync($"get 1 > {path}"), StringComparison.Ordinal);
        Assert.Equal("text of a", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Contains("is left as it is", await cache.SayAsync($"get 1 > {path}"), StringComparison.Ordinal);
        Assert.StartsWith("error: ", await cache.SayAsync($"get 1 > {cache.Folder}/none/file"), StringComparison.Ordinal);
        Assert.StartsWith("error: 'a\ufffdb' is no name of a file", await cache.SayAsync("get 1 > a\0b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_fails_as_nobody_foresaw_is_told_and_logged_and_the_console_goes_on()
    {
        using var log = new LogLines();
        await using var cache = await RunningCache.StartAsync(options => options with { LoggerFactory = log });
        await using var output = new FailingWriter();
        Assert.True(await cache.Server.ConsoleAsync("help", output, TestContext.Current.CancellationToken));
        Assert.Equal("error: unforeseen", output.ToString().Trim());
        var line = Assert.Single(log.All, line => line.Exception is NotSupportedException);
        Assert.Equal("The command 'help' failed", line.Text);
    }

    [Fact]
    public async Task A_folder_that_another_cache_uses_is_refused_when_it_starts()
    {
        CacheOptions? first = null;
        await using (await RunningCache.StartAsync(options => first = options))
        {
            var refusal = await Assert.ThrowsAsync<IOException>(() => CacheServer.StartAsync(first!, TestContext.Current.CancellationToken));
            Assert.Contains($"the folder {first!.Folder} cannot be used; another cache may use it", refusal.Message, StringComparison.Ordinal);
        }

        await using var next = await CacheServer.StartAsync(first, TestContext.Current.CancellationToken);
        Directory.Delete(Path.GetDirectoryName(first.Folder)!, recursive: true);
    }

    [Fact]
    public async Task A_socket_whose_path_is_too_long_is_refused_with_the_limit()
    {
        var refusal = await Assert.ThrowsAsync<FormatException>(() => RunningCache.StartAsync(options => options with
        {
            Run = RunMode.Processes,
            Start = [],
            Listen = "unix:///" + new string('a', 120),
        }));
        Assert.Contains("the path of a socket has at most 10", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("bytes, and this one 121", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_somebody_cleaned_away_does_not_disturb_the_end()
    {
        await using var cache = await RunningCache.StartAsync(options => options with { Run = RunMode.Processes, Start = [] });
        Directory.Delete(Path.GetDirectoryName(new Uri(cache.Server.Address).AbsolutePath)!, recursive: true);
        await cache.Server.DisposeAsync();
    }

    [Fact]
    public async Task What_came_in_since_the_caller_looked_is_not_fetched_again()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        var first = await cache.Server.Router.Desk.GetAsync(source.Url + "/text/a", TestContext.Current.CancellationToken);
        var second = await cache.Server.Router.Desk.GetAsync(source.Url + "/text/a", TestContext.Current.CancellationToken);
        Assert.Equal((false, true), (first.IsHit, second.IsHit));
        Assert.Equal(first.Entry.Number, second.Entry.Number);
        Assert.Equal((1, 1), (source.Asked("/text/a"), (await cache.StatisticsAsync()).Fetched));
    }

    [Fact]
    public async Task An_entry_that_breaks_off_while_it_is_read_says_why()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        await cache.GrabAsync(source.Url + "/megabytes/30");
        await using var opened = await cache.Server.Router.OpenAsync(1, TestContext.Current.CancellationToken);
        await opened.Body.ReadExactlyAsync(new byte[100], TestContext.Current.CancellationToken);
        await using (var file = File.Open(Path.Combine(cache.Folder, "entries", "0000000001.entry"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(29 * CacheSource.Block);
        }

        var failure = await Assert.ThrowsAsync<CacheException>(() => opened.Body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal(CacheError.StorageFailed, failure.Error);
        Assert.StartsWith("The file of entry 1 cannot be read", failure.Message, StringComparison.Ordinal);
    }

    private sealed class FailingWriter : StringWriter
    {
        private bool _hasFailed;

        public override Task WriteLineAsync(string? value) =>
            Interlocked.Exchange(ref _hasFailed, true) ? base.WriteLineAsync(value) : throw new NotSupportedException("unforeseen");
    }
}
