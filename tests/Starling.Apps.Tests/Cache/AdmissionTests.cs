using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Cache;
using Starling.Apps.Cache.Links;
using Starling.Apps.Cache.Routing;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Cache;

/// <summary>Whom main lets in.</summary>
public sealed class AdmissionTests
{
    private const string Key = "the key of the test";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly string[] OfStrangers = ["introduce", "refuse"];

    [Theory]
    [InlineData("nothing", "it did not say who it is")]
    [InlineData("a part", "it did not say who it is")]
    [InlineData("another name", "it does not know the key")]
    [InlineData("another role", "it does not know the key")]
    [InlineData("another nonce", "it does not know the key")]
    [InlineData("another key", "it does not know the key")]
    [InlineData("no proof", "it does not know the key")]
    public async Task Who_does_not_prove_that_it_knows_the_key_is_told_nothing_holds_no_name_and_has_to_go(string answer, string reason)
    {
        using var log = new LogLines();
        await using var cache = await StartAsync(log);
        var stranger = new TestMember("fetch", "fetch", new MemberKey(answer == "another key" ? "the key of another" : Key))
        {
            Introduce = introduction => answer switch
            {
                "nothing" => null,
                "a part" => introduction with { Nonce = null! },
                "another name" => introduction with { Name = "other" },
                "another role" => introduction with { Role = "cache" },
                "another nonce" => introduction with { Nonce = Handshake.Nonce() },
                "no proof" => introduction with { Proof = null! },
                _ => introduction,
            },
        };
        await using var client = await stranger.ConnectAsync(cache.Server.Address);
        using var ending = new CancellationTokenSource();
        var service = ServeAsync(cache, "fetch", NullLoggerFactory.Instance, Key, ending.Token);
        await (client.Connection?.Completion ?? Task.CompletedTask).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Contains(reason, await stranger.Refusal, StringComparison.Ordinal);
        Assert.Equal(OfStrangers, stranger.Calls);
        await log.WaitForAsync($"was not let in: {reason}");
        await cache.WaitForAsync(figures => figures.Services.Any(known => known is { Name: "fetch", State: "ready" }));
        await ending.CancelAsync();
        await service;
    }

    [Fact]
    public async Task Who_does_not_answer_has_to_go()
    {
        await using var cache = await StartAsync(NullLoggerFactory.Instance);
        using var silence = new ManualResetEventSlim();
        var stranger = new TestMember("fetch", "fetch", null)
        {
            Introduce = introduction =>
            {
                silence.Wait(TestContext.Current.CancellationToken);
                return introduction;
            },
        };
        await using var client = await stranger.ConnectAsync(cache.Server.Address);
        await (client.Connection?.Completion ?? Task.CompletedTask).WaitAsync(Limit, TestContext.Current.CancellationToken);
        silence.Set();
    }

    [Fact]
    public async Task What_a_stranger_says_of_itself_does_not_steer_the_terminal()
    {
        using var log = new LogLines();
        await using var cache = await StartAsync(log);
        var stranger = new TestMember("bad\u001b[41mrole", "x\u001b[2J\nwarn: forged", null);
        await using var client = await stranger.ConnectAsync(cache.Server.Address);
        Assert.StartsWith(@"x\u001b[2J\u000awarn: forged from ", await log.WaitForAsync("was not let in"), StringComparison.Ordinal);
        Assert.DoesNotContain(log.All, line => line.Text.Any(char.IsControl));
    }

    [Fact]
    public async Task Strangers_who_come_in_a_loop_do_not_fill_the_log()
    {
        using var log = new LogLines();
        var time = new ManualTime();
        var refused = new RefusalLog(log, time);
        for (var i = 0; i < 1_000; i++)
        {
            refused.Write($"stranger {i}", "10.0.0.9:1", "it does not know the key");
        }

        Assert.Equal(RefusalLog.LinesInAMinute + 1, log.All.Count);
        Assert.Equal("More were not let in; for a minute they are counted and not named", log.All.Last().Text);
        time.Advance(TimeSpan.FromMinutes(1));
        refused.Write("another", "10.0.0.9:1", "it does not know the key");
        Assert.Equal(
            ["990 were not let in and not named", "another from 10.0.0.9:1 was not let in: it does not know the key"], log.All.TakeLast(2).Select(line => line.Text));

        await using var cache = await StartAsync(log);
        for (var i = 0; i < RefusalLog.LinesInAMinute * 2; i++)
        {
            await using var client = await new TestMember("fetch", "loop", null).ConnectAsync(cache.Server.Address);
            await (client.Connection?.Completion ?? Task.CompletedTask).WaitAsync(Limit, TestContext.Current.CancellationToken);
        }

        Assert.InRange(log.All.Count(line => line.Text.StartsWith("loop from ", StringComparison.Ordinal)), 1, RefusalLog.LinesInAMinute);
    }

    [Fact]
    public async Task Of_two_cache_services_that_come_at_once_one_is_let_in()
    {
        await using var cache = await StartAsync(NullLoggerFactory.Instance);
        var gate = new TaskCompletionSource();
        var first = new TestMember("cache", "first", new MemberKey(Key)) { Gate = gate.Task };
        var second = new TestMember("cache", "second", new MemberKey(Key));
        await using var holder = await first.ConnectAsync(cache.Server.Address);
        await first.Joining.WaitAsync(Limit, TestContext.Current.CancellationToken);
        await using var late = await second.ConnectAsync(cache.Server.Address);
        Assert.StartsWith("first (a test) holds the entries already", await second.Refusal.WaitAsync(Limit, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        gate.SetResult();
        var figures = await cache.WaitForAsync(figures => figures.Services.Count > 0);
        Assert.Equal("first", Assert.Single(figures.Services).Name);
    }

    [Theory]
    [InlineData("fetch", "fetch", "is the name of a service that main starts itself")]
    [InlineData("cache", "mine", "main starts the cache service itself")]
    [InlineData("other", "mine", "there is no role 'other'")]
    [InlineData("fetch", "line\nfeed", "characters that can be shown")]
    public async Task A_service_that_was_started_by_hand_takes_no_place_of_mains_own(string role, string name, string reason)
    {
        await using var cache = await RunningCache.StartAsync(options => options with
        {
            Run = RunMode.Tcp,
            Key = Key,
            ServiceCommand = ["sh", "-c", "cat > /dev/null"],
        });
        var service = new TestMember(role, name, new MemberKey(Key));
        await using var client = await service.ConnectAsync(cache.Server.Address);
        Assert.Contains(reason, await service.Refusal.WaitAsync(Limit, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_the_service_is_told_so()
    {
        using var log = new LogLines();
        await using var cache = await StartAsync(NullLoggerFactory.Instance);
        using var ending = new CancellationTokenSource();
        var first = ServeAsync(cache, "twin", NullLoggerFactory.Instance, Key, ending.Token);
        await cache.WaitForAsync(figures => figures.Services.Count == 1);
        var second = ServeAsync(cache, "twin", log, Key, ending.Token);
        await log.WaitForAsync("did not let this service in: the name twin is taken by process");
        await ending.CancelAsync();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task A_service_with_another_key_is_told_why_it_is_not_let_in()
    {
        using var log = new LogLines();
        await using var cache = await StartAsync(NullLoggerFactory.Instance);
        using var ending = new CancellationTokenSource();
        var service = ServeAsync(cache, "fetch", log, "the key of another", ending.Token);
        await log.WaitForAsync($"Main at {cache.Server.Address} did not let this service in: it does not know the key (STARLING_CACHE_KEY)");
        await ending.CancelAsync();
        await service;
    }

    private static Task<RunningCache> StartAsync(ILoggerFactory log) =>
        RunningCache.StartAsync(options => options with { Run = RunMode.Tcp, Key = Key, Start = [], LoggerFactory = log });

    private static Task ServeAsync(
        RunningCache cache, string name, ILoggerFactory log, string key, CancellationToken stopping) =>
        CacheService.RunAsync("fetch", name, cache.Server.Address, cache.Folder, key, false, log, stopping);
}
